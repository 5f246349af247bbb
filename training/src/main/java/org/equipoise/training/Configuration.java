package org.equipoise.training;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.Systems;
import org.equipoise.training.balance.Balancers;
import org.equipoise.training.balance.Mib;
import org.equipoise.training.balance.Units;

/** Everything that a run's {@code config.yaml} may say. */
public final class Configuration {
  public static final Setting<String> SYSTEM =
      Setting.choice(
          "system",
          "BMLHF",
          Systems.all().stream().map(SystemFactory::name).toList(),
          "The network that is trained, with its losses");

  public static final Setting<String> BALANCER =
      Setting.choice(
          "balancer",
          Mib.NAME,
          Balancers.names(),
          "What watches the views while training and changes how fast each learns");

  public static final Setting<List<String>> MODALITIES =
      Setting.texts(
          "modalities",
          List.of("image", "text", "video", "audio"),
          "Modalities that take part, in the order in which they are concatenated (paper: image,"
              + " text); those that the features lack are passed over");

  public static final Setting<String> ENCODERS =
      Setting.text(
          "features.encoders",
          "builtin",
          "What turns posts into features: a preset's name or a YAML file");

  public static final Setting<String> FORM =
      Setting.choice(
          "features.form",
          "auto",
          List.of("auto", "tokens", "pooled"),
          "One row of features per token or per post; auto takes what the system declares");

  public static final Setting<String> REVIEW_CLASS =
      Setting.text(
          "review.class", "fake", "The class whose probability the two review thresholds look at");

  public static final Setting<Double> REVIEW_ABOVE =
      Setting.number(
          "review.above",
          0.5,
          0,
          1,
          "Lower threshold: a probability above it and below review.below makes the verdict 'review'");

  public static final Setting<Double> REVIEW_BELOW =
      Setting.number(
          "review.below",
          0.5,
          0,
          1,
          "Upper threshold; equal to review.above no post is sent to review");

  private Configuration() {}

  /** All keys: the run's own, the training's, every system's and every balancer's. */
  public static Schema schema() {
    Map<String, Setting<?>> all = new LinkedHashMap<>();
    List<Setting<?>> settings = new ArrayList<>();
    settings.addAll(List.of(SYSTEM, BALANCER, MODALITIES, ENCODERS, FORM));
    settings.addAll(TrainingSettings.settings());
    settings.addAll(List.of(Units.UNIT, Balancers.PERIOD));
    Balancers.all().forEach(balancer -> settings.addAll(balancer.settings()));
    Systems.all().forEach(system -> settings.addAll(system.settings()));
    settings.addAll(List.of(REVIEW_CLASS, REVIEW_ABOVE, REVIEW_BELOW));
    settings.forEach(setting -> all.put(setting.key(), setting));
    return Schema.of(all.values());
  }

  /**
   * What holds where a user says nothing, for one system. A preset that the program brings was
   * chosen for BMLHF: for a system with values of its own authors, its {@code training.*} and
   * {@code features.form} give way to the program's defaults and, over them, to the authors'.
   *
   * @param preset the program's defaults with a preset's values over them
   */
  public static Settings defaults(Settings preset, SystemFactory system) {
    if (system.training().isEmpty()) {
      return preset;
    }
    Schema schema = schema();
    Settings settings = preset;
    for (Setting<?> setting : schema.settings()) {
      if (setting.key().startsWith("training.") || setting.equals(FORM)) {
        settings = withDefault(settings, setting);
      }
    }
    for (Map.Entry<String, String> value : system.training().entrySet()) {
      settings = schema.override(settings, value.getKey() + "=" + value.getValue());
    }
    return settings;
  }

  private static <T> Settings withDefault(Settings settings, Setting<T> setting) {
    return settings.with(setting, setting.defaultValue());
  }

  /**
   * The views that a run reads, in the order of its modalities and, within one, as the features
   * have them.
   *
   * @throws WrongUseException if a modality is unknown, or none is left
   */
  public static List<View> views(Settings settings, List<View> available) {
    List<Modality> order = settings.get(MODALITIES).stream().map(Modality::of).toList();
    List<View> views =
        available.stream()
            .filter(view -> order.contains(view.modality()))
            .sorted(
                Comparator.comparingInt((View view) -> order.indexOf(view.modality()))
                    .thenComparing(View::kind))
            .toList();
    if (views.isEmpty()) {
      throw new WrongUseException(
          "modalities %s: the features have none of them, only %s"
              .formatted(
                  settings.get(MODALITIES),
                  available.stream().map(view -> view.modality().id()).distinct().toList()));
    }
    return views;
  }
}
