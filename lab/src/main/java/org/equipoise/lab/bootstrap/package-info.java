/** How sure figures are that were measured on posts which depend on each other. */
package org.equipoise.lab.bootstrap;
