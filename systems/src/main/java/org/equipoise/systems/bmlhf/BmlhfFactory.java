package org.equipoise.systems.bmlhf;

import java.util.List;
import org.equipoise.core.Form;
import org.equipoise.core.config.Setting;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.systems.SystemFactory;

/** Registers one variant of BMLHF. */
public record BmlhfFactory(BmlhfVariant variant) implements SystemFactory {
  @Override
  public String name() {
    return variant.id();
  }

  @Override
  public String description() {
    return "Balanced multi-modal learning with hierarchical fusion, " + variant.words() + ".";
  }

  @Override
  public List<Setting<?>> settings() {
    return BmlhfSettings.ALL;
  }

  @Override
  public Form form() {
    return Form.TOKENS;
  }

  @Override
  public boolean balanced() {
    return variant.balanced();
  }

  @Override
  public DetectionSystem create(SystemContext context) {
    return new Bmlhf(
        variant,
        context.views(),
        context.classes(),
        BmlhfSettings.of(context.settings()),
        context.seed(),
        context.device());
  }
}
