package org.equipoise.encoders.hub;

import java.util.regex.Pattern;
import org.equipoise.core.WrongUseException;

/**
 * A file as a hub lists it.
 *
 * @param path within the model, with {@code /} between folders
 * @param size bytes
 * @param checksum of its content
 */
public record HubFile(String path, long size, Checksum checksum) {
  /** What Windows reads as a drive, a folder or a stream, and signs that cannot be seen. */
  private static final Pattern UNSAFE = Pattern.compile("[\\\\:\\p{Cntrl}]");

  /**
   * @throws WrongUseException if the path would lead out of the model's folder
   */
  public HubFile {
    if (!isSafe(path)) {
      throw new WrongUseException(
          "a listed path leads out of the model's folder: '"
              + UNSAFE.matcher(path).replaceAll("?")
              + "'; nothing of this model is fetched");
    }
  }

  /** Whether the path stays within the folder that it is appended to, on any platform. */
  static boolean isSafe(String path) {
    if (UNSAFE.matcher(path).find()) {
      return false;
    }
    for (String part : path.split("/", -1)) {
      if (part.isBlank() || part.equals(".") || part.equals("..")) {
        return false;
      }
    }
    return true;
  }
}
