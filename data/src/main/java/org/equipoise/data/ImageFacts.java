package org.equipoise.data;

import org.equipoise.media.PdqHash;

/**
 * What is known of an image file that decodes.
 *
 * @param content SHA-256 of the file's bytes, in hexadecimal digits
 * @param pdq the perceptual hash of its pixels
 */
public record ImageFacts(String content, PdqHash pdq) {}
