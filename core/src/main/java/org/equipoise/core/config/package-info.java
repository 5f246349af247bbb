/** Documented, typed configuration keys and where their values come from. */
package org.equipoise.core.config;
