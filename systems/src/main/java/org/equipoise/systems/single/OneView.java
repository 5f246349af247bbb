package org.equipoise.systems.single;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.config.Setting;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.Network;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.ViewChoice;
import org.equipoise.systems.layers.JoinedHead;
import org.equipoise.systems.losses.CrossEntropy;

/** One dense layer from one modality's pooled pattern view to the classes. */
public final class OneView extends Network {
  private final View view;
  private final JoinedHead classifier;

  private OneView(Factory factory, SystemContext context) {
    super(
        factory.name(),
        new ViewChoice(factory.name(), context)
            .view(factory.modality(), Kind.PATTERN).stream().toList(),
        context);
    view = views().get(0);
    classifier =
        new JoinedHead(
            parameters, "classifier", Map.of(view.name(), (long) view.width()), context.classes());
  }

  @Override
  public List<String> linearHead() {
    return classifier.names();
  }

  @Override
  protected Output forward(Features features, boolean training) {
    NDArray pooled = features.representation(view, features.pooled(view));
    Map<String, NDArray> made = Map.of(view.name(), pooled);
    Map<String, NDArray> presence = features.presence();
    return new Output(
        classifier.forward(made),
        classifier.shares(made, presence),
        presence,
        Map.of(),
        made,
        pooled,
        Map.of());
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray classification = CrossEntropy.of(output.logits(), targets.labels());
    return new Losses(classification, Map.of("classification", classification));
  }

  /**
   * Registers the classifier of one modality.
   *
   * @param name what the encoder in question is called in the paper's table
   * @param source who published it
   */
  public record Factory(String name, Modality modality, String source) implements SystemFactory {
    /** The text alone. */
    public static final Factory BERT =
        new Factory("BERT", Modality.TEXT, "Devlin et al., NAACL 2019");

    /** The image alone. */
    public static final Factory SWIN =
        new Factory("Swin-T", Modality.IMAGE, "Liu et al., ICCV 2021");

    @Override
    public String description() {
      return "A dense layer on the pooled %s features alone, those of %s with the paper's encoders (%s)."
          .formatted(modality.id(), name, source);
    }

    @Override
    public List<Setting<?>> settings() {
      return List.of(ViewChoice.VIEWS);
    }

    @Override
    public Form form() {
      return Form.POOLED;
    }

    @Override
    public Map<String, String> training() {
      return Map.of(
          "training.learning_rate", "0.001",
          "training.weight_decay", "0",
          "training.batch_size", "64");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new OneView(this, context);
    }
  }
}
