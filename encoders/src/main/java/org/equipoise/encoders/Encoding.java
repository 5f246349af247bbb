package org.equipoise.encoders;

import org.equipoise.core.features.Features;

/**
 * What an encoder made of one content.
 *
 * @param features {@code [T, d]}; {@code T} is 1 where pooled
 * @param truncated whether the content was longer than the encoder reads
 */
public record Encoding(Features features, boolean truncated) {}
