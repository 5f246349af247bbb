package org.equipoise.systems;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Setting;

/** Finds the views that a system of one branch a modality reads among those that there are. */
public final class ViewChoice {
  /** Overrides what such systems read. */
  public static final Setting<List<String>> VIEWS =
      Setting.texts(
          "views",
          List.of(),
          "Views that systems of one view a modality read, by name, such as text_semantic; those that"
              + " the features lack are passed over; empty: the pattern view of each modality, or"
              + " what the modality has");

  private final List<View> available;
  private final boolean named;

  /**
   * A choice for that system.
   *
   * @throws WrongUseException if the setting names views and none of them is there
   */
  public ViewChoice(String system, SystemContext context) {
    List<String> wanted = context.settings().get(VIEWS);
    List<String> names = context.views().stream().map(View::name).toList();
    if (!wanted.isEmpty() && names.stream().noneMatch(wanted::contains)) {
      throw new WrongUseException(
          "%s: %s names %s, the features have %s".formatted(system, VIEWS.key(), wanted, names));
    }
    named = !wanted.isEmpty();
    available =
        wanted.isEmpty()
            ? context.views()
            : context.views().stream().filter(view -> wanted.contains(view.name())).toList();
  }

  /** The modality's view of that kind, or any other of the modality where it has none. */
  public Optional<View> view(Modality modality, Kind preferred) {
    return available.stream()
        .filter(view -> view.modality() == modality)
        .min(Comparator.comparing(view -> view.kind() != preferred));
  }

  /**
   * All of the modality's views of that kind, or one of another kind where it has none; all that
   * the setting names where it names some.
   */
  public List<View> views(Modality modality, Kind preferred) {
    List<View> own =
        available.stream()
            .filter(view -> view.modality() == modality)
            .filter(view -> named || view.kind() == preferred)
            .toList();
    return own.isEmpty() ? view(modality, preferred).stream().toList() : own;
  }

  /** The pattern views of text and of images, in this order; without those that are not there. */
  public List<View> textAndImage() {
    return List.of(Modality.TEXT, Modality.IMAGE).stream()
        .flatMap(modality -> view(modality, Kind.PATTERN).stream())
        .toList();
  }
}
