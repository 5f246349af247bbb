package org.equipoise.training.balance;

import org.equipoise.systems.DetectionSystem;

/**
 * What came of a batch: its gradients are there, its step is not yet taken.
 *
 * @param losses for the record
 * @param balance how far the step goes
 */
public record Learnt(DetectionSystem.Losses losses, Balance balance) {}
