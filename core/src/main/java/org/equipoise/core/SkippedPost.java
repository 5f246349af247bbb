package org.equipoise.core;

/**
 * A post that could not be used, and why.
 *
 * @param id the post's id, or an empty string where none could be read
 * @param source the file and line it stood on
 * @param reason a short fixed code by which skipped posts are counted, such as {@code
 *     no_text_no_image}
 * @param message the whole story in words
 */
public record SkippedPost(String id, SourceLine source, String reason, String message) {}
