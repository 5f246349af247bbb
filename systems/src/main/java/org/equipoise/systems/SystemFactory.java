package org.equipoise.systems;

import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;
import org.equipoise.core.config.Setting;

/** A registered system: its name, its documented settings, and how to build it. */
public interface SystemFactory {
  /** The name that users type, matched without regard to case. */
  String name();

  /** One sentence: the idea and its source. */
  String description();

  /** The keys that it reads; several systems may share a setting. */
  List<Setting<?>> settings();

  /** The form of features that its idea asks for. */
  Form form();

  /**
   * Whether a balancer may act on it. False for a system that is defined by having none, such as an
   * ablation; it trains with {@code none} whatever the run asks for.
   */
  default boolean balanced() {
    return true;
  }

  /**
   * How its authors train it: values of the training's own settings by key, such as {@code
   * training.learning_rate}, which hold where a user's configuration says nothing.
   */
  default Map<String, String> training() {
    return Map.of();
  }

  /**
   * Whether it learns from the posts' events; where the data names none, the trainer makes some by
   * clustering the training posts' texts.
   */
  default boolean needsEvents() {
    return false;
  }

  /**
   * Builds it with fresh parameters.
   *
   * @throws org.equipoise.core.WrongUseException if the views or the settings do not fit it
   */
  DetectionSystem create(SystemContext context);
}
