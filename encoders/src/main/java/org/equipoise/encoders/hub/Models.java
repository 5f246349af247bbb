package org.equipoise.encoders.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;

/** Models by name: folders of this machine, and a hub's, fetched once. */
public final class Models {
  /** The revision where none is named. */
  public static final String DEFAULT_REVISION = "main";

  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** What the hub allows: neither part begins or ends with a sign. */
  private static final String NAME = "\\w(?:[\\w.-]{0,94}\\w)?";

  private static final Pattern ID = Pattern.compile(NAME + "/" + NAME);

  private final HubSettings settings;
  private final Hub hub;
  private final ModelStore store;
  private final PythonCache python;

  /** Models from where the settings say. */
  public Models(HubSettings settings) {
    this.settings = settings;
    this.hub = new Hub(settings);
    this.store = new ModelStore(settings.models());
    this.python = new PythonCache(settings.pythonCache());
  }

  /**
   * Models from where this process's environment says.
   *
   * @throws WrongUseException if a variable holds what it cannot hold
   */
  public static Models ofEnvironment() {
    return new Models(HubSettings.ofEnvironment());
  }

  /**
   * Whether the text may be a model of a hub, {@code owner/name}. The owner {@code builtin} is
   * none: a misspelt embedded encoder must not be looked for on the network.
   */
  public static boolean isId(String text) {
    return ID.matcher(text).matches()
        && !text.startsWith("builtin/")
        && !text.contains("--")
        && !text.contains("..");
  }

  /** Whether the text is a commit in full: what it names never changes. */
  static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  /**
   * Opens a model. Of a hub's model nothing is fetched yet; where the revision is a commit in full
   * and the model was fetched before, the hub is not asked either.
   *
   * @param encoder a folder (one that is there, or begins with {@code .} or {@code ~}, or is
   *     absolute), else a hub's {@code owner/name}
   * @param revision a branch, a tag or a commit; not for folders
   * @param base what a folder is relative to
   * @throws WrongUseException if it is neither, or the hub has no such model or revision
   * @throws UncheckedIOException if the hub does not answer
   */
  public ModelFiles open(String encoder, String revision, Path base, Progress progress) {
    Optional<Path> folder = folder(encoder, base);
    if (folder.isPresent()) {
      return new FolderFiles(folder.get());
    }
    if (!isId(encoder)) {
      throw new WrongUseException(
          "'%s' is neither a folder in %s nor a hub's model, which is named owner/name"
              .formatted(encoder, base.toAbsolutePath().normalize()));
    }
    return hubFiles(encoder, revision, progress, false);
  }

  private Optional<Path> folder(String encoder, Path base) {
    if (encoder.isBlank()) {
      return Optional.empty();
    }
    try {
      Path path = base.resolve(HubSettings.expand(encoder, settings.userHome())).normalize();
      boolean said =
          encoder.startsWith(".") || encoder.startsWith("~") || Path.of(encoder).isAbsolute();
      return said || Files.isDirectory(path) ? Optional.of(path) : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private HubFiles hubFiles(String id, String revision, Progress progress, boolean again) {
    return new HubFiles(settings, hub, store, python, id, commit(id, revision), progress, again);
  }

  private String commit(String id, String revision) {
    if (isCommit(revision)) {
      return revision;
    }
    Optional<String> known = store.commit(id, revision).or(() -> python.commit(id, revision));
    if (settings.offline()) {
      return known.orElseThrow(
          () ->
              new WrongUseException(
                  "HF_HUB_OFFLINE is set, and no model %s at revision '%s' was fetched to this machine: with a network, fetch it by 'equipoise models pull %s --revision %s'"
                      .formatted(id, revision, id, revision)));
    }
    try {
      String commit = hub.commit(id, revision);
      store.rememberCommit(id, revision, commit);
      return commit;
    } catch (UncheckedIOException e) {
      // without a network, what was current when there was one
      return known.orElseThrow(() -> e);
    }
  }

  /**
   * Fetches a hub's model, hashing what is here already, so that afterwards it is whole.
   *
   * @param choice which of its files
   * @return the model, whose chosen files are on this machine
   * @throws WrongUseException if the hub has no such model, revision or file, or refuses it
   * @throws UncheckedIOException if the hub does not answer, or the disk is full
   */
  public ModelFiles pull(
      String id,
      String revision,
      Function<ModelFiles, ? extends Collection<String>> choice,
      Progress progress) {
    HubFiles files = hubFiles(id, revision, progress, true);
    files.fetch(choice.apply(files));
    return files;
  }

  /**
   * A model on this machine.
   *
   * @param id of the hub
   * @param commit in full
   * @param files how many of its files are here
   * @param bytes of them
   * @param folder where they lie
   * @param python whether that is Python's cache
   */
  public record Here(
      String id, String commit, int files, long bytes, Path folder, boolean python) {}

  /**
   * Whether a hub's model is on this machine, as far as it is needed. The hub is not asked.
   *
   * @param choice which of its files are needed
   */
  public boolean isHere(
      String id, String revision, Function<ModelFiles, ? extends Collection<String>> choice) {
    try {
      HubFiles files =
          new Models(settings.withoutNetwork()).hubFiles(id, revision, Progress.NONE, false);
      return files.isHere(choice.apply(files));
    } catch (WrongUseException e) {
      // what would tell which files are needed is not here
      return false;
    }
  }

  /** Models on this machine: those fetched, then those of Python's cache that have a graph. */
  public List<Here> here() {
    List<Here> here = new ArrayList<>();
    for (ModelStore.Kept kept : store.kept()) {
      add(here, kept, store.files(kept.id(), kept.commit()), false);
    }
    for (ModelStore.Kept kept : python.withGraphs()) {
      add(here, kept, python.snapshot(kept.id(), kept.commit()), true);
    }
    return here;
  }

  private static void add(List<Here> here, ModelStore.Kept kept, Path folder, boolean python) {
    List<String> paths = Files.isDirectory(folder) ? new FolderFiles(folder).list() : List.of();
    long bytes = 0;
    for (String path : paths) {
      bytes += size(folder.resolve(path));
    }
    if (!paths.isEmpty()) {
      here.add(new Here(kept.id(), kept.commit(), paths.size(), bytes, folder, python));
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What hashing all files found.
   *
   * @param files how many were hashed
   * @param bytes of them
   * @param broken those that are not what the hub lists
   */
  public record Check(int files, long bytes, List<Broken> broken) {
    public Check {
      broken = List.copyOf(broken);
    }
  }

  /**
   * A file that is not what the hub lists.
   *
   * @param id of the model
   * @param commit of the model
   * @param path of the file within the model
   * @param file where it lies
   * @param problem in words
   */
  public record Broken(String id, String commit, String path, Path file, String problem) {}

  /** Hashes every file that was fetched, and those of Python's cache that were used. */
  public Check verify(Progress progress) {
    return new Verification(store, python).run(progress);
  }
}
