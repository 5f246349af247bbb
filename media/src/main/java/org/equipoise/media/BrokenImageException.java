package org.equipoise.media;

import java.util.Objects;

/** A file that does not become a picture, and why. */
public final class BrokenImageException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why a file does not become a picture. */
  public enum Reason {
    /** There is no such file. */
    MISSING("image_missing"),
    /** The file cannot be opened or read: a folder, no permission, a failing disk. */
    UNREADABLE("image_unreadable"),
    /** The file has no bytes. */
    EMPTY("image_empty"),
    /** The content is not one of the formats that are read. */
    UNKNOWN_FORMAT("image_unknown_format"),
    /** The file ends before the picture does. */
    TRUNCATED("image_truncated"),
    /** The file or the picture exceeds {@link ImageLimits}, or the memory that is free. */
    TOO_LARGE("image_too_large"),
    /** Decoding took longer than {@link ImageLimits#time()}. */
    TIMEOUT("image_timeout"),
    /** The format is read elsewhere, but its native decoder does not exist for this platform. */
    NO_DECODER("image_no_decoder"),
    /** The content contradicts its format. */
    BROKEN("image_broken");

    private final String code;

    Reason(String code) {
      this.code = code;
    }

    /** The name in files and reports, {@code image_…}. */
    public String code() {
      return code;
    }
  }

  private final Reason kind;

  BrokenImageException(Reason kind, String message) {
    super(message);
    this.kind = Objects.requireNonNull(kind, "kind");
  }

  BrokenImageException(Reason kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind, "kind");
  }

  /** Why, as a closed choice. */
  public Reason kind() {
    return kind;
  }

  /** Why, as the code that files and reports carry: {@code image_truncated} and so on. */
  public String reason() {
    return kind.code();
  }
}
