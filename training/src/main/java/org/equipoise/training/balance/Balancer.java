package org.equipoise.training.balance;

import org.equipoise.systems.DetectionSystem;

/** Watches the views while a system trains and changes how fast each of them learns. */
public interface Balancer {
  /** The name that users type. */
  String name();

  /**
   * Judges the views of a batch before its step is taken.
   *
   * @param output what the system said of the batch
   * @param labels class numbers of its posts
   */
  Balance observe(DetectionSystem.Output output, long[] labels);
}
