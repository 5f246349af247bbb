package org.equipoise.encoders.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.equipoise.core.Progress;
import org.equipoise.core.io.Reasons;

/** Hashes what is kept, and compares it with what the hub listed. */
final class Verification {
  private final ModelStore store;
  private final PythonCache python;

  private final List<Models.Broken> broken = new ArrayList<>();
  private int files;
  private long bytes;

  Verification(ModelStore store, PythonCache python) {
    this.store = store;
    this.python = python;
  }

  private record Expected(ModelStore.Kept of, String path, Path file, Checksum checksum) {}

  Models.Check run(Progress progress) {
    List<Expected> all = expected();
    long total = all.stream().mapToLong(one -> size(one.file())).sum();
    try (Progress.Task task = progress.start("hashing, bytes", total)) {
      for (Expected one : all) {
        check(one);
        task.step(size(one.file()));
      }
    }
    return new Models.Check(files, bytes, broken);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private List<Expected> expected() {
    List<Expected> all = new ArrayList<>();
    for (ModelStore.Kept kept : store.kept()) {
      Path folder = store.files(kept.id(), kept.commit());
      Path snapshot = python.snapshot(kept.id(), kept.commit());
      Map<Path, Checksum> expected = new TreeMap<>();
      store
          .verified(kept.id(), kept.commit())
          .forEach((file, known) -> expected.put(file, known.checksum()));
      store
          .listing(kept.id(), kept.commit())
          .orElse(List.of())
          .forEach(
              file -> {
                Path here = folder.resolve(file.path());
                if (Files.exists(here)) {
                  expected.put(here, file.checksum());
                }
              });
      expected.forEach(
          (file, checksum) -> {
            if (file.startsWith(folder)) {
              all.add(new Expected(kept, path(folder, file), file, checksum));
            } else if (file.startsWith(snapshot) && Files.exists(file)) {
              // Python may have cleared its cache since
              all.add(new Expected(kept, path(snapshot, file), file, checksum));
            }
          });
    }
    return all;
  }

  private static String path(Path folder, Path file) {
    return FolderFiles.path(folder.relativize(file));
  }

  private void check(Expected one) {
    files++;
    bytes += size(one.file());
    try {
      Checksum found = one.checksum().ofFile(one.file());
      if (!found.equals(one.checksum())) {
        broken(one, "it has %s, the hub lists %s".formatted(found, one.checksum()));
      }
    } catch (IOException e) {
      broken(one, Reasons.of(e));
    }
  }

  private void broken(Expected one, String problem) {
    broken.add(
        new Models.Broken(one.of().id(), one.of().commit(), one.path(), one.file(), problem));
  }
}
