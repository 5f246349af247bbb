/** Verdicts by clauses of neural logic. */
package org.equipoise.systems.logicdm;
