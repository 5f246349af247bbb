/** Quantum multi-modal fake news detection, simulated exactly. */
package org.equipoise.systems.qmfnd;
