package org.equipoise.training.balance;

/** No balancing: the views are watched for the record, and every step factor is 1. */
public final class Unbalanced implements Balancer {
  /** The name that users type. */
  public static final String NAME = "none";

  @Override
  public String name() {
    return NAME;
  }
}
