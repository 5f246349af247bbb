package org.equipoise.core.features;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.equipoise.core.Form;
import org.equipoise.core.View;

/**
 * How posts became features. It is stored with the features and with every run trained on them.
 *
 * @param form tokens or pooled
 * @param encoders one for each view, in order
 * @param cleaning what is done to texts before encoding, by name
 */
public record FeatureSpec(Form form, List<EncoderInfo> encoders, Map<String, String> cleaning) {
  public FeatureSpec {
    encoders = List.copyOf(encoders);
    cleaning = java.util.Collections.unmodifiableMap(new TreeMap<>(cleaning));
  }

  /** The views, in order. */
  public List<View> views() {
    return encoders.stream().map(EncoderInfo::view).toList();
  }

  /**
   * In words, what keeps features made one way from being used where others are expected; empty if
   * they fit. Views that only {@code other} has are no hindrance.
   */
  public Optional<String> mismatch(FeatureSpec other) {
    Map<String, EncoderInfo> theirs =
        other.encoders.stream()
            .collect(Collectors.toMap(e -> e.view().name(), Function.identity()));
    List<String> differences = new ArrayList<>();
    for (EncoderInfo ours : encoders) {
      EncoderInfo their = theirs.get(ours.view().name());
      if (their == null) {
        differences.add("view '" + ours.view().name() + "' is missing");
      } else if (!their.view().equals(ours.view()) || !their.sha256().equals(ours.sha256())) {
        differences.add(
            "view '%s' is of encoder %s (%s, width %d), not %s (%s, width %d)"
                .formatted(
                    ours.view().name(),
                    their.encoder(),
                    shortHash(their),
                    their.view().width(),
                    ours.encoder(),
                    shortHash(ours),
                    ours.view().width()));
      }
    }
    if (!cleaning.equals(other.cleaning)) {
      differences.add("texts were cleaned as " + other.cleaning + ", not " + cleaning);
    }
    return differences.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", differences));
  }

  private static String shortHash(EncoderInfo info) {
    return info.sha256().substring(0, Math.min(8, info.sha256().length()));
  }
}
