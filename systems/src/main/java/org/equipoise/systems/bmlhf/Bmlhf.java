package org.equipoise.systems.bmlhf;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.bmlhf.BmlhfVariant.Fusion;
import org.equipoise.systems.layers.Concatenation;
import org.equipoise.systems.layers.CrossTransformer;
import org.equipoise.systems.layers.Dropout;
import org.equipoise.systems.layers.IntraModalFusion;
import org.equipoise.systems.layers.JointCorrelation;
import org.equipoise.systems.layers.Linear;
import org.equipoise.systems.layers.Parameters;
import org.equipoise.systems.layers.Probe;
import org.equipoise.systems.layers.Scaling;
import org.equipoise.systems.layers.Tokens;
import org.equipoise.systems.layers.ViewMlp;
import org.equipoise.systems.losses.CrossEntropy;
import org.equipoise.systems.losses.ProbeLoss;
import org.equipoise.systems.losses.SupervisedContrastive;

/**
 * The network of balanced multi-modal learning with hierarchical fusion: an MLP per view, a
 * cross-transformer per kind, attention within a modality, joint correlation between modalities, a
 * linear classifier; beside it a probe that measures each view. Takes any list of views; posts may
 * lack any of them.
 */
public final class Bmlhf implements DetectionSystem {
  private final BmlhfVariant variant;
  private final List<View> views;
  private final List<Modality> modalities;
  private final int classes;
  private final BmlhfSettings settings;

  private final Parameters parameters;
  private final Map<String, ViewMlp> mlps = new LinkedHashMap<>();
  private final Probe probe;
  private final Map<Kind, CrossTransformer> crossTransformers = new EnumMap<>(Kind.class);
  private final Map<Modality, IntraModalFusion> attention = new EnumMap<>(Modality.class);
  private final Optional<JointCorrelation> correlation;
  private final Linear classifier;

  /**
   * A network with fresh parameters.
   *
   * @param views what it reads; modalities join in the order in which they first appear
   * @param classes M, at least 2
   * @param seed decides the initial parameters
   * @throws WrongUseException if there is no view, two have one name, or there are too few classes
   */
  public Bmlhf(
      BmlhfVariant variant,
      List<View> views,
      int classes,
      BmlhfSettings settings,
      long seed,
      Device device) {
    if (views.isEmpty()) {
      throw new WrongUseException(variant.id() + " needs at least one view, none is given");
    }
    if (views.stream().map(View::name).distinct().count() != views.size()) {
      throw new WrongUseException(variant.id() + ": two views have the same name in " + views);
    }
    if (classes < 2) {
      throw new WrongUseException(
          variant.id() + " needs at least 2 classes, the data has " + classes);
    }
    this.variant = variant;
    this.views = List.copyOf(views);
    this.modalities = views.stream().map(View::modality).distinct().toList();
    this.classes = classes;
    this.settings = settings;
    this.parameters = new Parameters(seed, device);
    int width = settings.width();
    Dropout dropout = new Dropout((float) settings.dropout());

    for (View view : views) {
      mlps.put(
          view.name(), new ViewMlp(parameters, "mlp." + view.name(), view.width(), width, dropout));
    }
    probe = new Probe(parameters, mlps.keySet(), width, classes);
    if (variant.crossTransformers()) {
      for (Kind kind : Kind.values()) {
        if (!ofKind(kind).isEmpty()) {
          crossTransformers.put(
              kind,
              new CrossTransformer(
                  parameters,
                  "cross." + kind.id(),
                  settings.layers(),
                  width,
                  settings.heads(),
                  settings.feedForward(),
                  dropout));
        }
      }
    }
    if (variant.intraModal() == Fusion.WEIGHED) {
      for (Modality modality : modalities) {
        attention.put(
            modality,
            new IntraModalFusion(
                parameters, "attention." + modality.id(), width, settings.attention()));
      }
    }
    int parts = variant.intraModal() == Fusion.WEIGHED ? modalities.size() : views.size();
    correlation =
        variant.interModal()
            ? Optional.of(
                new JointCorrelation(
                    parameters,
                    "correlation",
                    modalities.stream().map(Modality::id).toList(),
                    (long) parts * width))
            : Optional.empty();
    classifier = Linear.of(parameters, "classifier", (long) parts * width, classes);
  }

  @Override
  public String name() {
    return variant.id();
  }

  @Override
  public List<View> views() {
    return views;
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public Map<String, NDArray> parameters() {
    return parameters.byName();
  }

  @Override
  public Map<String, List<String>> branches() {
    Map<String, List<String>> branches = new LinkedHashMap<>();
    for (View view : views) {
      String prefix = "mlp." + view.name() + ".";
      branches.put(
          view.name(),
          parameters.byName().keySet().stream().filter(name -> name.startsWith(prefix)).toList());
    }
    return Collections.unmodifiableMap(branches);
  }

  @Override
  public Output forward(Input input, boolean training) {
    check(input);
    Map<String, NDArray> stages = new LinkedHashMap<>();
    Map<String, NDArray> viewLogits = new LinkedHashMap<>();
    Map<String, NDArray> presence = new LinkedHashMap<>();

    Map<String, Tokens> tokens = new LinkedHashMap<>();
    Map<String, NDArray> means = new LinkedHashMap<>();
    for (ViewInput view : input.views()) {
      String name = view.view().name();
      Tokens z =
          new Tokens(mlps.get(name).forward(view.values(), training), view.mask())
              .times(Optional.ofNullable(input.keep().get(name)));
      NDArray mean = z.mean();
      z.presence().ifPresent(there -> presence.put(name, there));
      viewLogits.put(name, probe.forward(name, mean, Optional.ofNullable(presence.get(name))));
      tokens.put(name, z);
      means.put(name, mean);
      stages.put("z." + name, z.values());
    }

    Map<String, NDArray> representations = Map.copyOf(means);
    if (variant.crossTransformers()) {
      means = cross(tokens, training);
    }
    means.forEach((name, mean) -> stages.put("cross." + name, mean));

    Map<String, NDArray> weights = new LinkedHashMap<>();
    NDArray fused = fuse(means, presence, weights, stages);
    NDArray logits = classifier.forward(fused);
    return new Output(logits, viewLogits, presence, weights, representations, fused, stages);
  }

  private void check(Input input) {
    List<View> given = input.views().stream().map(ViewInput::view).toList();
    if (!given.equals(views)) {
      throw new IllegalArgumentException(
          variant.id() + " was built for " + views + ", the batch holds " + given);
    }
  }

  /** Runs each kind's cross-transformer; {@code [B, d]} by view, in the order of the views. */
  private Map<String, NDArray> cross(Map<String, Tokens> tokens, boolean training) {
    Map<String, NDArray> means = new LinkedHashMap<>();
    tokens.keySet().forEach(name -> means.put(name, tokens.get(name).values()));
    crossTransformers.forEach(
        (kind, transformer) -> {
          List<View> members = ofKind(kind);
          List<Tokens> crossed =
              transformer.forward(
                  members.stream().map(view -> tokens.get(view.name())).toList(),
                  members.stream().map(View::modality).toList(),
                  training);
          for (int i = 0; i < members.size(); i++) {
            means.put(members.get(i).name(), crossed.get(i).mean());
          }
        });
    return means;
  }

  /** What the classifier reads, {@code [B, F]}; notes weights and stages on the way. */
  private NDArray fuse(
      Map<String, NDArray> means,
      Map<String, NDArray> presence,
      Map<String, NDArray> viewWeights,
      Map<String, NDArray> stages) {
    if (variant.intraModal() == Fusion.NONE) {
      return Concatenation.of(means.values(), 1);
    }
    List<NDArray> ofModalities = new ArrayList<>();
    for (Modality modality : modalities) {
      List<View> members = ofModality(modality);
      NDArray fused;
      if (variant.intraModal() == Fusion.WEIGHED) {
        IntraModalFusion.Result result =
            attention
                .get(modality)
                .forward(
                    members.stream().map(view -> means.get(view.name())).toList(),
                    members.stream()
                        .map(view -> Optional.ofNullable(presence.get(view.name())))
                        .toList());
        NDList columns = result.weights().split(members.size(), 1);
        for (int i = 0; i < members.size(); i++) {
          viewWeights.put(members.get(i).name(), columns.get(i).reshape(-1));
        }
        stages.put("weights." + modality.id(), result.weights());
        fused = result.fused();
      } else {
        fused =
            Concatenation.of(
                members.stream()
                    .sorted(Comparator.comparing(View::kind))
                    .map(view -> means.get(view.name()))
                    .toList(),
                1);
      }
      stages.put("modality." + modality.id(), fused);
      ofModalities.add(fused);
    }
    return correlation
        .map(joint -> joint.forward(ofModalities))
        .orElseGet(() -> Concatenation.of(ofModalities, 1));
  }

  @Override
  public Losses losses(Output output, Targets targets) {
    NDArray labels = targets.labels();
    NDArray classification = CrossEntropy.of(output.logits(), labels);
    NDArray contrastive = SupervisedContrastive.of(output.fused(), labels, settings.temperature());
    NDArray measured = ProbeLoss.of(output.viewLogits(), labels);
    NDArray total = classification.add(Scaling.times(contrastive, settings.alpha2())).add(measured);
    Map<String, NDArray> parts = new LinkedHashMap<>();
    parts.put("classification", classification);
    parts.put("contrastive", contrastive);
    parts.put("probe", measured);
    return new Losses(total, parts);
  }

  private List<View> ofKind(Kind kind) {
    return views.stream().filter(view -> view.kind() == kind).toList();
  }

  private List<View> ofModality(Modality modality) {
    return views.stream().filter(view -> view.modality() == modality).toList();
  }

  @Override
  public void close() {
    parameters.close();
  }
}
