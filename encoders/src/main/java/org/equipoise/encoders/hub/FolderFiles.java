package org.equipoise.encoders.hub;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Reasons;

/** A model in a folder of this machine. */
public final class FolderFiles implements ModelFiles {
  /** Levels of folders that are looked into. */
  private static final int DEPTH = 4;

  private final Path folder;
  private final List<String> paths;

  /**
   * Lists a folder.
   *
   * @throws WrongUseException if it is none, or cannot be read
   */
  public FolderFiles(Path folder) {
    this.folder = folder;
    if (!Files.isDirectory(folder)) {
      throw new WrongUseException("no folder " + folder + " with a model");
    }
    try (Stream<Path> files = Files.walk(folder, DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      paths =
          files
              .filter(Files::isRegularFile)
              .map(file -> path(folder.relativize(file)))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new WrongUseException("cannot list " + folder + ": " + Reasons.of(e), e);
    }
  }

  /** A relative path as a hub writes it. */
  static String path(Path relative) {
    return StreamSupport.stream(relative.spliterator(), false)
        .map(Path::toString)
        .collect(Collectors.joining("/"));
  }

  @Override
  public String name() {
    return folder.toString();
  }

  @Override
  public String revision() {
    return "";
  }

  @Override
  public List<String> list() {
    return paths;
  }

  @Override
  public void fetch(Collection<String> wanted) {
    wanted.forEach(this::get);
  }

  @Override
  public Path get(String path) {
    if (!paths.contains(path)) {
      throw new WrongUseException("the model in " + folder + " has no file " + path);
    }
    return folder.resolve(path);
  }
}
