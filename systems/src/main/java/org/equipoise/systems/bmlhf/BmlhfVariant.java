package org.equipoise.systems.bmlhf;

/** BMLHF and what is left of it when a part is taken away (Table 2). */
public enum BmlhfVariant {
  WHOLE("BMLHF", "the whole method", true, true, Fusion.WEIGHED, true),
  WITHOUT_BALANCER("BMLHF-I", "without the balancer", false, true, Fusion.WEIGHED, true),
  WITHOUT_FUSION("BMLHF-T", "without both fusion stages", true, true, Fusion.NONE, false),
  WITHOUT_CROSS("BMLHF-D", "without the cross-transformers", true, false, Fusion.WEIGHED, true),
  WITHOUT_CROSS_AND_FUSION(
      "BMLHF-H", "without cross-transformers and fusion", true, false, Fusion.NONE, false),
  WITHOUT_INTRA_MODAL(
      "BMLHF-tra", "without the fusion within a modality", true, true, Fusion.CONCATENATED, true),
  WITHOUT_INTER_MODAL(
      "BMLHF-ter", "without the fusion between modalities", true, true, Fusion.WEIGHED, false);

  /** What becomes of a modality's views. */
  enum Fusion {
    /** Weighed by attention. */
    WEIGHED,
    /** Concatenated, pattern first. */
    CONCATENATED,
    /** Nothing: all views are concatenated in the configured order. */
    NONE
  }

  private final String id;
  private final String words;
  private final boolean balanced;
  private final boolean crossTransformers;
  private final Fusion intraModal;
  private final boolean interModal;

  BmlhfVariant(
      String id,
      String words,
      boolean balanced,
      boolean crossTransformers,
      Fusion intraModal,
      boolean interModal) {
    this.id = id;
    this.words = words;
    this.balanced = balanced;
    this.crossTransformers = crossTransformers;
    this.intraModal = intraModal;
    this.interModal = interModal;
  }

  /** The paper's name, such as {@code BMLHF-tra}. */
  public String id() {
    return id;
  }

  /** What it has or lacks, in a few words. */
  public String words() {
    return words;
  }

  /** Whether a balancer takes part in training. */
  public boolean balanced() {
    return balanced;
  }

  boolean crossTransformers() {
    return crossTransformers;
  }

  Fusion intraModal() {
    return intraModal;
  }

  boolean interModal() {
    return interModal;
  }
}
