package org.equipoise.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.Systems;
import org.equipoise.training.Configuration;
import org.equipoise.training.TrainingSettings;
import picocli.CommandLine.Option;

/** What is trained and how: a preset or file, and what wins over it. */
final class ConfigArguments {
  @Option(
      names = "--config",
      paramLabel = "c",
      description =
          "A YAML file, or a preset: default, paper, quickstart (default: quickstart's own for"
              + " quickstart, paper for bench, else default).")
  private String config;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "One setting, such as training.epochs=20; wins over --config; repeatable.")
  private List<String> assignments = new ArrayList<>();

  @Option(
      names = "--system",
      paramLabel = "name",
      description = "The network, such as BMLHF or EANN.")
  private String system;

  @Option(
      names = "--balancer",
      paramLabel = "name",
      description = "What keeps the modalities in balance, such as mib, ogm-ge or none.")
  private String balancer;

  @Option(
      names = "--modalities",
      paramLabel = "text,image",
      description = "Those that take part, in the order in which they are joined.")
  private String modalities;

  @Option(
      names = "--encoders",
      paramLabel = "E",
      description = "What turns posts into features: a preset's name or a YAML file.")
  private String encoders;

  /**
   * The whole configuration: the program's defaults, then the preset, then the values of the
   * system's authors, then a file, then the options that have a name of their own, then {@code
   * --set}.
   *
   * @param preset what holds where no {@code --config} is given
   * @param seed what training draws from, where the configuration is not to decide
   * @throws org.equipoise.core.WrongUseException if a key is unknown or a value does not fit
   */
  Settings settings(String preset, OptionalLong seed) {
    String source = config == null ? preset : config;
    String chosen = settings(source, seed, UnaryOperator.identity()).get(Configuration.SYSTEM);
    return settings(
        source, seed, defaults -> Configuration.defaults(defaults, Systems.find(chosen)));
  }

  private Settings settings(String source, OptionalLong seed, UnaryOperator<Settings> underFile) {
    Schema schema = Configuration.schema();
    Settings settings = Presets.resolve(source, schema, underFile);
    if (seed.isPresent()) {
      settings = settings.with(TrainingSettings.SEED, seed.getAsLong());
    }
    if (system != null) {
      settings = settings.with(Configuration.SYSTEM, Configuration.SYSTEM.read(system, "--system"));
    }
    if (balancer != null) {
      settings =
          settings.with(
              Configuration.BALANCER, Configuration.BALANCER.read(balancer, "--balancer"));
    }
    if (modalities != null) {
      settings =
          settings.with(
              Configuration.MODALITIES, Configuration.MODALITIES.read(modalities, "--modalities"));
    }
    if (encoders != null) {
      settings = settings.with(Configuration.ENCODERS, encoders);
    }
    for (String assignment : assignments) {
      settings = schema.override(settings, assignment);
    }
    return settings;
  }
}
