package org.equipoise.encoders.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.equipoise.core.Names;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Reasons;

/** A hub's model at one commit: files are used where they are, else fetched. */
final class HubFiles implements ModelFiles {
  /** Files that are fetched at a time. */
  private static final int SIDE_BY_SIDE = 4;

  private final HubSettings settings;
  private final Hub hub;
  private final ModelStore store;
  private final PythonCache python;
  private final String id;
  private final String commit;
  private final Progress progress;
  private final boolean again;

  /** Files that were found whole, by path. */
  private final Map<String, Path> found = new ConcurrentHashMap<>();

  private List<HubFile> listing;

  /**
   * @param again whether files that are here are hashed although they were before
   */
  HubFiles(
      HubSettings settings,
      Hub hub,
      ModelStore store,
      PythonCache python,
      String id,
      String commit,
      Progress progress,
      boolean again) {
    this.settings = settings;
    this.hub = hub;
    this.store = store;
    this.python = python;
    this.id = id;
    this.commit = commit;
    this.progress = progress;
    this.again = again;
  }

  @Override
  public String name() {
    return id;
  }

  @Override
  public String revision() {
    return commit;
  }

  @Override
  public List<String> list() {
    return listing().stream().map(HubFile::path).sorted().toList();
  }

  /** What the hub lists; offline what it listed before, else what there is in Python's cache. */
  private synchronized List<HubFile> listing() {
    if (listing == null) {
      listing = store.listing(id, commit).orElseGet(this::unknownListing);
    }
    return listing;
  }

  private List<HubFile> unknownListing() {
    if (settings.offline()) {
      return pythonListing().orElseThrow(() -> new WrongUseException(lacking("the model", "")));
    }
    List<HubFile> listed;
    try {
      listed = hub.files(id, commit);
    } catch (UncheckedIOException e) {
      return pythonListing().orElseThrow(() -> e);
    }
    store.rememberListing(id, commit, listed);
    return listed;
  }

  private Optional<List<HubFile>> pythonListing() {
    List<HubFile> files = new ArrayList<>();
    for (String path : python.paths(id, commit)) {
      Path file = python.file(id, commit, path).orElseThrow();
      try {
        long size = Files.size(file);
        python.checksum(file).ifPresent(known -> files.add(new HubFile(path, size, known)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return files.isEmpty() ? Optional.empty() : Optional.of(files);
  }

  private String lacking(String what, String options) {
    return "HF_HUB_OFFLINE is set, and of %s at commit %s %s not on this machine: with a network, fetch it by 'equipoise models pull %s --revision %s%s', or copy that folder of a machine that has it to %s"
        .formatted(
            id,
            commit,
            what + (what.contains(",") ? " are" : " is"),
            id,
            commit,
            options,
            store.files(id, commit));
  }

  @Override
  public Path get(String path) {
    fetch(List.of(path));
    return found.get(path);
  }

  /** Whether all of these files are on this machine; nothing is hashed or fetched. */
  boolean isHere(Collection<String> paths) {
    return paths.stream()
        .map(this::find)
        .allMatch(
            file ->
                has(store.files(id, commit).resolve(file.path()), file)
                    || python
                        .file(id, commit, file.path())
                        .filter(place -> has(place, file))
                        .isPresent());
  }

  private static boolean has(Path place, HubFile file) {
    try {
      return Files.isRegularFile(place) && Files.size(place) == file.size();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public synchronized void fetch(Collection<String> paths) {
    List<HubFile> absent = new ArrayList<>();
    for (String path : new LinkedHashSet<>(paths)) {
      HubFile file = find(path);
      if (found.containsKey(path)) {
        continue;
      }
      Optional<Path> place = locate(file);
      place.ifPresent(where -> found.put(path, where));
      if (place.isEmpty()) {
        absent.add(file);
      }
    }
    if (absent.isEmpty()) {
      return;
    }
    List<String> names = absent.stream().map(HubFile::path).toList();
    if (settings.offline()) {
      throw new WrongUseException(
          lacking(String.join(", ", names), " --file " + String.join(" --file ", names)));
    }
    fetchAll(absent);
  }

  private HubFile find(String path) {
    return listing().stream()
        .filter(file -> file.path().equals(path))
        .findFirst()
        .orElseThrow(() -> Names.unknown("file of " + id + " at commit " + commit, path, list()));
  }

  /** Where the file lies whole on this machine. */
  private Optional<Path> locate(HubFile file) {
    Path own = store.files(id, commit).resolve(file.path());
    try {
      if (isVerified(own, file)) {
        return Optional.of(own);
      }
      Optional<Path> others = python.file(id, commit, file.path());
      if (others.isEmpty() || !isVerified(others.get(), file)) {
        return Optional.empty();
      }
      return Optional.of(hasNeighbours(file) ? taken(others.get(), own, file) : others.get());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whether the file is a graph with weights in files of their own, or one of those. A graph looks
   * for them in its folder, and does not follow the links of Python's cache out of it.
   */
  private boolean hasNeighbours(HubFile file) {
    String path = file.path();
    return listing().stream()
        .map(HubFile::path)
        .anyMatch(other -> ExternalData.belongs(other, path) || ExternalData.belongs(path, other));
  }

  /** A second name for a file of Python's, in our own folder; a copy on another file system. */
  private Path taken(Path others, Path own, HubFile file) throws IOException {
    return Locks.hold(
        store.partial(id).resolve(file.checksum().hex() + ".lock"),
        () -> {
          try {
            Files.createDirectories(own.getParent());
            Path beside = own.resolveSibling(own.getFileName() + ".partial");
            Files.deleteIfExists(beside);
            Path real = others.toRealPath();
            try {
              Files.createLink(beside, real);
            } catch (IOException | UnsupportedOperationException e) {
              Files.copy(real, beside);
            }
            Files.move(
                beside, own, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            remember(own, file);
            return own;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private boolean isVerified(Path place, HubFile file) throws IOException {
    if (!has(place, file)) {
      return false;
    }
    ModelStore.Verified now = ModelStore.Verified.of(place, file.checksum());
    if (!again && now.equals(store.verified(id, commit).get(place))) {
      return true;
    }
    if (!file.checksum().ofFile(place).equals(file.checksum())) {
      store.forgetVerified(id, commit, place);
      return false;
    }
    store.rememberVerified(id, commit, place, now);
    return true;
  }

  private void remember(Path place, HubFile file) throws IOException {
    store.rememberVerified(id, commit, place, ModelStore.Verified.of(place, file.checksum()));
  }

  private void fetchAll(List<HubFile> files) {
    long total = files.stream().mapToLong(HubFile::size).sum();
    requireRoom(files);
    ExecutorService threads =
        Executors.newFixedThreadPool(
            Math.min(SIDE_BY_SIDE, files.size()),
            task -> {
              Thread thread = new Thread(task, "hub-fetch");
              thread.setDaemon(true);
              return thread;
            });
    try (Progress.Task task = progress.start("fetching " + id + ", bytes", total)) {
      ExecutorCompletionService<Void> running = new ExecutorCompletionService<>(threads);
      for (HubFile file : files) {
        running.submit(
            () -> {
              fetch(file, task);
              return null;
            });
      }
      for (int i = 0; i < files.size(); i++) {
        running.take().get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("fetching " + id + " was stopped", e);
    } finally {
      end(threads);
    }
  }

  private void end(ExecutorService threads) {
    threads.shutdownNow();
    try {
      // what the others have begun is left in order before an error is told
      threads.awaitTermination(settings.patience().idle().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fetch(HubFile file, Progress.Task task) throws IOException {
    Path target = store.files(id, commit).resolve(file.path());
    new Download(hub, id, commit, file, target, store.partial(id), task::step).run();
    remember(target, file);
    found.put(file.path(), target);
  }

  private void requireRoom(List<HubFile> files) {
    Path folder = store.partial(id);
    try {
      Files.createDirectories(folder);
      long bytes = 0;
      for (HubFile file : files) {
        bytes += file.size() - Download.arrived(folder, file);
      }
      long free = Files.getFileStore(folder).getUsableSpace();
      if (bytes > free) {
        throw new UncheckedIOException(
            new IOException(
                "No space left on device for %s: %,d bytes are to be fetched to %s, %,d are free"
                    .formatted(id, bytes, folder, free)));
      }
    } catch (IOException e) {
      throw new WrongUseException(
          "cannot keep models in " + folder + ": " + Reasons.of(e) + "; set EQUIPOISE_HOME", e);
    }
  }
}
