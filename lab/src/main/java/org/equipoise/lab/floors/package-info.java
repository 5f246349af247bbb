/** The floors: what a model must beat before its figures mean anything. */
package org.equipoise.lab.floors;
