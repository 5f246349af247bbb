package org.equipoise.core.features;

import java.util.Map;
import java.util.TreeMap;
import org.equipoise.core.View;

/**
 * What is on record of an encoder: enough to know that two feature stores were made alike, and to
 * open it again for a new post.
 *
 * @param view the view that it gives
 * @param tokens the most tokens that it gives for a post
 * @param encoder its name, such as {@code builtin/text_pattern} or a model's folder or hub id
 * @param sha256 hash of everything that decides its output: weights, tokenizer, code version
 * @param settings what was set, by name
 */
public record EncoderInfo(
    View view, int tokens, String encoder, String sha256, Map<String, String> settings) {
  public EncoderInfo {
    settings = java.util.Collections.unmodifiableMap(new TreeMap<>(settings));
  }
}
