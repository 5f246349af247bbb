package org.equipoise.training.balance;

import java.util.Map;

/**
 * What a balancer says of one batch.
 *
 * @param figures how well each view does alone
 * @param factors by view: what the step of its branch is multiplied by; 1 where left out
 */
public record Balance(ViewFigures figures, Map<String, Double> factors) {}
