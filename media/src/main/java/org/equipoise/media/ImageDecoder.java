package org.equipoise.media;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.equipoise.media.BrokenImageException.Reason;

/**
 * Reads a picture by its content, whatever its name: JPEG, PNG, GIF (first frame), WebP (first
 * frame) and BMP.
 *
 * <ul>
 *   <li>EXIF orientation is applied; colour profiles and gamma are not.
 *   <li>Of 16 bits the high eight count. Transparency is composited on white: {@code (c·a +
 *       255·(255 − a) + 127) / 255} in whole numbers. Inks become {@code (255 − k) − round(c·(255 −
 *       k) / 255)}.
 *   <li>A file that cannot be read to its end is broken: half a picture is not used.
 *   <li>What the header says is compared with {@link ImageLimits} before anything is allocated, and
 *       a decode that exceeds its time is stopped.
 * </ul>
 *
 * <p>Whatever the bytes are, the outcome is an image or a {@link BrokenImageException}. Instances
 * hold no state and serve any number of threads.
 */
public final class ImageDecoder {
  private final ImageLimits limits;

  /** With {@link ImageLimits#DEFAULT}. */
  public ImageDecoder() {
    this(ImageLimits.DEFAULT);
  }

  public ImageDecoder(ImageLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits");
  }

  /**
   * The format that a file's content is of, such as {@code jpeg}; empty where none that is read.
   */
  public static Optional<String> format(byte[] content) {
    try {
      return Optional.of(ImageFormat.of(content).name().toLowerCase(Locale.ROOT));
    } catch (BrokenImageException e) {
      return Optional.empty();
    }
  }

  /**
   * Reads a file.
   *
   * @throws BrokenImageException if there is no such file, or it does not become a picture; the
   *     message starts with the path
   */
  public RgbImage decode(Path file) throws BrokenImageException {
    try {
      return decode(read(file));
    } catch (BrokenImageException e) {
      throw new BrokenImageException(e.kind(), file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads the bytes of a file.
   *
   * @throws BrokenImageException if they do not become a picture
   */
  public RgbImage decode(byte[] content) throws BrokenImageException {
    if (content.length == 0) {
      throw new BrokenImageException(Reason.EMPTY, "a file of 0 bytes");
    }
    if (content.length > limits.bytes()) {
      throw tooManyBytes(content.length);
    }
    ImageFormat format = ImageFormat.of(content);
    Deadline deadline = Deadline.in(limits.time());
    try {
      return format.decode(new Bytes(content), limits, deadline);
    } catch (IOException | RuntimeException e) {
      if (e instanceof Deadline.PassedException || deadline.passed()) {
        throw new BrokenImageException(
            Reason.TIMEOUT,
            "%s: decoding was stopped after %.1f seconds"
                .formatted(format, limits.time().toMillis() / 1000.0),
            e);
      }
      if (causedBy(OutOfMemoryError.class, e)) {
        throw tooLittleMemory(format, e);
      }
      if (causedBy(EOFException.class, e)) {
        throw new BrokenImageException(
            Reason.TRUNCATED, format + ": the file ends within the picture", e);
      }
      throw new BrokenImageException(Reason.BROKEN, format + ": " + words(e), e);
    } catch (OutOfMemoryError e) {
      // The arrays of one picture are what did not fit; they are gone when this is caught.
      throw tooLittleMemory(format, e);
    }
  }

  private byte[] read(Path file) throws BrokenImageException {
    if (!Files.exists(file)) {
      throw new BrokenImageException(Reason.MISSING, "there is no such file");
    }
    if (Files.isDirectory(file)) {
      throw new BrokenImageException(Reason.UNREADABLE, "a folder where an image belongs");
    }
    if (!Files.isRegularFile(file)) {
      // Reading a pipe may wait for ever, and a device may never end.
      throw new BrokenImageException(Reason.UNREADABLE, "not a file: a pipe or a device");
    }
    try {
      long size = Files.size(file);
      if (size > limits.bytes()) {
        throw tooManyBytes(size);
      }
      try (InputStream in = Files.newInputStream(file)) {
        // One byte more than allowed: the file may have grown since.
        return in.readNBytes((int) limits.bytes() + 1);
      }
    } catch (AccessDeniedException e) {
      throw new BrokenImageException(Reason.UNREADABLE, "no permission to read it", e);
    } catch (IOException e) {
      throw new BrokenImageException(Reason.UNREADABLE, "cannot be read: " + words(e), e);
    }
  }

  private BrokenImageException tooManyBytes(long size) {
    return new BrokenImageException(
        Reason.TOO_LARGE,
        "a file of %,d bytes; at most %,d are read".formatted(size, limits.bytes()));
  }

  private static BrokenImageException tooLittleMemory(ImageFormat format, Throwable cause) {
    return new BrokenImageException(
        Reason.TOO_LARGE, format + ": its pixels need more memory than is free", cause);
  }

  private static boolean causedBy(Class<? extends Throwable> kind, Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  /** What a decoder says, and what it says was the cause. */
  private static String words(Exception e) {
    List<String> words = new ArrayList<>();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage();
      String line =
          message == null || message.isBlank()
              ? cause.getClass().getSimpleName()
              : message.lines().findFirst().orElseThrow().replaceAll("[:\\s]+$", "");
      if (words.stream().noneMatch(word -> word.contains(line))) {
        words.add(line);
      }
    }
    return String.join(": ", words);
  }
}
