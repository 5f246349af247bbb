package org.equipoise.encoders.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The cache of Python's {@code huggingface_hub}, which is read and never written: {@code
 * models--owner--name/snapshots/<commit>/<path>} are links to {@code blobs/<hash>}, {@code
 * refs/<revision>} hold commits.
 */
final class PythonCache {
  private static final String PREFIX = "models--";

  private final Path folder;

  PythonCache(Path folder) {
    this.folder = folder;
  }

  private Path model(String id) {
    return folder.resolve(PREFIX + id.replace("/", "--"));
  }

  /** The folder of a commit's files, whether or not it is there. */
  Path snapshot(String id, String commit) {
    return model(id).resolve("snapshots").resolve(commit);
  }

  /** The commit that Python last saw a revision stand for. */
  Optional<String> commit(String id, String revision) {
    if (!HubFile.isSafe(revision)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(model(id).resolve("refs").resolve(revision)).strip())
          .filter(Models::isCommit);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Paths of the files that are there of a commit. */
  List<String> paths(String id, String commit) {
    Path snapshot = snapshot(id, commit);
    return Files.isDirectory(snapshot) ? new FolderFiles(snapshot).list() : List.of();
  }

  /** A file, if it is there. */
  Optional<Path> file(String id, String commit, String path) {
    Path file = snapshot(id, commit).resolve(path);
    return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
  }

  /**
   * What a file should hash to: the name of the blob that it is a link to. Empty where the file is
   * no link, as on a Windows without links.
   */
  Optional<Checksum> checksum(Path file) {
    try {
      Path blob = file.toRealPath();
      return Files.isSymbolicLink(file)
          ? Checksum.of(blob.getFileName().toString())
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Models at commits of which there is a graph. */
  List<ModelStore.Kept> withGraphs() {
    List<ModelStore.Kept> found = new ArrayList<>();
    for (String name : ModelStore.names(folder)) {
      if (!name.startsWith(PREFIX)) {
        continue;
      }
      String id = name.substring(PREFIX.length()).replaceFirst("--", "/");
      for (String commit : ModelStore.names(folder.resolve(name).resolve("snapshots"))) {
        if (Models.isId(id)
            && Models.isCommit(commit)
            && paths(id, commit).stream().anyMatch(path -> path.endsWith(".onnx"))) {
          found.add(new ModelStore.Kept(id, commit));
        }
      }
    }
    return found;
  }
}
