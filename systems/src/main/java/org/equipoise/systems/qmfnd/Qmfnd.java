package org.equipoise.systems.qmfnd;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Setting;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.Network;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.ViewChoice;
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Probe;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.losses.CrossEntropy;
import org.equipoise.systems.losses.ProbeLoss;

/**
 * Quantum multi-modal fake news detection (Information Fusion 2024): a dense layer turns each
 * modality into angles, by which the wires of a quantum convolutional circuit are prepared; the
 * probabilities of its last wire are those of the two classes.
 */
public final class Qmfnd extends Network {
  public static final Setting<Integer> QUBITS =
      Setting.integer(
          "qmfnd.qubits",
          8,
          2,
          12,
          "Wires of the circuit, the first half, rounded up, for the text (published code); one"
              + " modality alone has its half, but at least 2.");

  /** All keys, in the order of the documentation. */
  public static final List<Setting<?>> SETTINGS = List.of(ViewChoice.VIEWS, QUBITS);

  private static final int CLASSES = 2;

  /** Added to probabilities, so that their logarithms stay finite. */
  private static final float LEAST = 1e-12f;

  private final Map<View, Linear> dense = new LinkedHashMap<>();
  private final Circuit circuit;
  private final Probe probe;

  /**
   * A network with fresh parameters.
   *
   * @throws WrongUseException if there is neither text nor image, or not exactly two classes
   */
  public Qmfnd(SystemContext context) {
    super(Factory.NAME, choose(context), context);
    int wanted = context.settings().get(QUBITS);
    int qubits = 0;
    Map<String, Long> widths = new LinkedHashMap<>();
    for (View view : views()) {
      boolean text = view.modality() == Modality.TEXT;
      int half = text ? (wanted + 1) / 2 : wanted / 2;
      int own = views().size() == 1 ? Math.max(2, half) : half;
      String name = view.modality().id();
      dense.put(view, Linear.of(parameters, name, view.width(), own));
      branch(view, name + ".");
      widths.put(view.name(), (long) own);
      qubits += own;
    }
    circuit = new Circuit(parameters, qubits);
    probe = new Probe(parameters, widths, CLASSES);
  }

  private static List<View> choose(SystemContext context) {
    if (context.classes() != CLASSES) {
      throw new WrongUseException(
          "%s tells two classes apart, by one qubit; the data has %d: %s"
              .formatted(Factory.NAME, context.classes(), context.classNames()));
    }
    return new ViewChoice(Factory.NAME, context).textAndImage();
  }

  @Override
  protected Output forward(Features features, boolean training) {
    Map<String, NDArray> made = new LinkedHashMap<>();
    dense.forEach(
        (view, layer) ->
            made.put(
                view.name(),
                features.representation(view, angles(layer.forward(features.pooled(view))))));
    NDArray angles = Concatenation.of(made.values(), 1);
    Map<String, NDArray> presence = features.presence();
    return new Output(
        circuit.probabilities(angles).add(LEAST).log(),
        probe.forward(made, presence),
        presence,
        Map.of(),
        made,
        angles,
        Map.of());
  }

  /** {@code 2π sigmoid(x)}: each post by itself, between no turn and a whole one. */
  static NDArray angles(NDArray x) {
    return Scaling.times(Activation.sigmoid(x), 2 * Math.PI);
  }

  /** {@code −log p_label}: the logits are logarithms of probabilities. */
  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray classification = CrossEntropy.of(output.logits(), targets.labels());
    NDArray measured = ProbeLoss.of(output.viewLogits(), targets.labels());
    Map<String, NDArray> parts = new LinkedHashMap<>();
    parts.put("classification", classification);
    parts.put("probe", measured);
    return new Losses(classification.add(measured), parts);
  }

  /** Registers it. */
  public record Factory() implements SystemFactory {
    static final String NAME = "QMFND";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String description() {
      return "Quantum convolutional circuit, simulated exactly, whose wires text and image prepare"
          + " and whose last wire tells two classes apart (Information Fusion 2024).";
    }

    @Override
    public List<Setting<?>> settings() {
      return SETTINGS;
    }

    @Override
    public Form form() {
      return Form.POOLED;
    }

    @Override
    public Map<String, String> training() {
      return Map.of(
          "training.optimizer", "adamw",
          "training.learning_rate", "0.001",
          "training.weight_decay", "0.01",
          "training.batch_size", "32",
          "training.epochs", "50");
    }

    @Override
    public DetectionSystem create(SystemContext context) {
      return new Qmfnd(context);
    }
  }
}
