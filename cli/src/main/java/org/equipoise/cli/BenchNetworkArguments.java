package org.equipoise.cli;

import java.util.OptionalLong;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.SystemFactory;
import org.equipoise.systems.Systems;
import org.equipoise.training.Configuration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which network is measured, and on posts of which form. */
final class BenchNetworkArguments {
  @Mixin private ConfigArguments config;
  @Mixin private DeviceOption device;

  @Option(
      names = "--tokens",
      paramLabel = "n",
      description = "Tokens for each view (default: 1, pooled features).")
  private int tokens = 1;

  /** The whole configuration. */
  Settings settings() {
    device.require();
    // figures of this machine are compared with others' at the paper's size
    return config.settings(Presets.PAPER, OptionalLong.empty());
  }

  SystemFactory system(Settings settings) {
    return Systems.find(settings.get(Configuration.SYSTEM));
  }

  int tokens() {
    if (tokens < 1) {
      throw new WrongUseException("--tokens must be at least 1, not " + tokens);
    }
    return tokens;
  }
}
