package org.equipoise.encoders.hub;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.equipoise.core.WrongUseException;

/** One model's files in the hub's layout: in a folder, or on a hub at one commit. */
public interface ModelFiles {
  /** The folder, or the hub's id such as {@code owner/name}. */
  String name();

  /** The commit that the files are of; empty for a folder. */
  String revision();

  /**
   * The paths of all its files, with {@code /} between folders, such as {@code onnx/model.onnx}.
   */
  List<String> list();

  /** Whether the model has the file. */
  default boolean has(String path) {
    return list().contains(path);
  }

  /**
   * Makes sure that files are on this machine, whole and verified; those that are not are fetched
   * side by side.
   *
   * @throws WrongUseException if the model has no such file, or it may not be had; the message
   *     names the file and what to do
   * @throws java.io.UncheckedIOException if the hub does not answer, or the disk fails
   */
  void fetch(Collection<String> paths);

  /**
   * A file on this machine, fetched if need be.
   *
   * @throws WrongUseException as {@link #fetch}
   */
  Path get(String path);
}
