/**
 * Pictures: decoding by content, resampling, perceptual hashes, encoding.
 *
 * <p>A picture is an {@link org.equipoise.media.RgbImage}; whatever cannot become one is a {@link
 * org.equipoise.media.BrokenImageException} with a reason. Nothing here keeps state between calls,
 * so every class may be used by several threads at a time.
 */
package org.equipoise.media;
