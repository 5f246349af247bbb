package org.equipoise.encoders;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.equipoise.core.io.Hashes;
import org.equipoise.media.BrokenImageException;
import org.equipoise.media.ImageDecoder;

/**
 * Finds, decodes and encodes posts' images. An image is known by the hash of its file's content: it
 * is decoded once for all views, and encoded once however many posts and names it has.
 */
final class PostImages {
  /** Files whose hash is remembered. */
  private static final int HASHED_FILES = 100_000;

  /** Numbers that an entry of the cache takes besides its features. */
  private static final int OVERHEAD = 64;

  private final List<Encoder> encoders;
  private final int groupSize;
  private final Workers workers;
  private final ImageDecoder decoder = new ImageDecoder();
  private final FeatureCache<String, Outcome> outcomes;
  private final FeatureCache<FileState, String> hashes = new FeatureCache<>(HASHED_FILES);

  /**
   * What became of an image.
   *
   * @param encodings by view; empty where it is broken
   * @param reason why it is broken, as a code; empty where it is not
   * @param message the same in words
   */
  record Outcome(Map<String, Encoding> encodings, String reason, String message) {
    boolean broken() {
      return !reason.isEmpty();
    }
  }

  /** A file that has not changed since its hash was taken. */
  private record FileState(Path file, long size, FileTime modified) {}

  PostImages(List<Encoder> encoders, Workers workers, long cachedFloats) {
    this.encoders = encoders;
    this.workers = workers;
    groupSize = encoders.stream().mapToInt(encoder -> encoder.batchSize(1)).max().orElse(1);
    outcomes = new FeatureCache<>(cachedFloats);
  }

  /** Images that are being decoded and encoded. */
  final class Started {
    private final Set<List<Path>> open;
    private final Round first;

    private Started(Collection<List<Path>> candidates) {
      open = new LinkedHashSet<>(candidates);
      first = start(candidates(0));
    }

    private Set<Path> candidates(int place) {
      Set<Path> files = new LinkedHashSet<>();
      open.forEach(list -> files.add(list.get(place)));
      return files;
    }

    /**
     * For each list of candidates the first that decodes; where none does, why the first did not.
     */
    Map<List<Path>, Outcome> await() {
      Map<List<Path>, Outcome> results = new HashMap<>();
      Map<Path, Outcome> ofFiles = PostImages.this.await(first);
      for (int place = 0; !open.isEmpty(); place++) {
        if (place > 0) {
          ofFiles = PostImages.this.await(start(candidates(place)));
        }
        for (List<Path> list : List.copyOf(open)) {
          if (settle(list, place, ofFiles.get(list.get(place)), results)) {
            open.remove(list);
          }
        }
      }
      return results;
    }
  }

  /** One file of each post: what is known, what is to come. */
  private record Round(
      Map<Path, Optional<String>> hashOf,
      Map<String, Outcome> known,
      List<String> wanted,
      List<Workers.Pending<List<Outcome>>> pending) {}

  /**
   * Begins with the first of each list of candidates.
   *
   * @param candidates lists of at least one file
   */
  Started start(Collection<List<Path>> candidates) {
    return new Started(candidates);
  }

  private static boolean settle(
      List<Path> list, int place, Outcome outcome, Map<List<Path>, Outcome> into) {
    if (outcome.broken()) {
      into.putIfAbsent(list, outcome);
      return place + 1 == list.size();
    }
    into.put(list, outcome);
    return true;
  }

  private Round start(Set<Path> files) {
    Map<Path, Optional<String>> hashOf = hash(files);
    Map<String, Outcome> known = new HashMap<>();
    Map<String, Path> wanted = new LinkedHashMap<>();
    hashOf.forEach(
        (file, hash) ->
            hash.ifPresent(
                key ->
                    outcomes
                        .get(key)
                        .ifPresentOrElse(
                            found -> known.put(key, found), () -> wanted.putIfAbsent(key, file))));
    List<String> keys = List.copyOf(wanted.keySet());
    List<Workers.Pending<List<Outcome>>> pending = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += groupSize) {
      List<Path> group =
          keys.subList(from, Math.min(keys.size(), from + groupSize)).stream()
              .map(wanted::get)
              .toList();
      pending.add(workers.submit(() -> encodeGroup(group)));
    }
    return new Round(hashOf, known, keys, pending);
  }

  private Map<Path, Outcome> await(Round round) {
    int next = 0;
    for (Workers.Pending<List<Outcome>> group : round.pending) {
      for (Outcome outcome : group.await()) {
        String key = round.wanted.get(next++);
        round.known.put(key, outcome);
        outcomes.put(key, outcome, OVERHEAD + size(outcome));
      }
    }
    Map<Path, Outcome> results = new HashMap<>();
    round.hashOf.forEach(
        (file, hash) ->
            results.put(file, hash.map(round.known::get).orElseGet(() -> unreadable(file))));
    return results;
  }

  private static long size(Outcome outcome) {
    return outcome.encodings.values().stream().mapToLong(e -> e.features().values().length).sum();
  }

  /** The hash of each file's content; empty where it cannot be read. */
  private Map<Path, Optional<String>> hash(Set<Path> files) {
    Map<Path, Optional<String>> results = new LinkedHashMap<>();
    Map<Path, FileState> states = new HashMap<>();
    Map<Path, Workers.Pending<Optional<String>>> pending = new LinkedHashMap<>();
    for (Path file : files) {
      Optional<FileState> state = state(file);
      Optional<String> known = state.flatMap(hashes::get);
      results.put(file, known);
      if (known.isEmpty() && state.isPresent()) {
        states.put(file, state.get());
        pending.put(file, workers.submit(() -> hash(file)));
      }
    }
    pending.forEach(
        (file, hash) -> {
          Optional<String> found = hash.await();
          results.put(file, found);
          found.ifPresent(key -> hashes.put(states.get(file), key, 1));
        });
    return results;
  }

  private static Optional<FileState> state(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isRegularFile()
          ? Optional.of(new FileState(file, attributes.size(), attributes.lastModifiedTime()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> hash(Path file) {
    try {
      return Optional.of(Hashes.sha256(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private List<Outcome> encodeGroup(List<Path> files) {
    List<Outcome> outcomesOfGroup = new ArrayList<>();
    List<Content> contents = new ArrayList<>();
    for (Path file : files) {
      try {
        contents.add(new Content.Image(decoder.decode(file)));
        outcomesOfGroup.add(new Outcome(new HashMap<>(), "", ""));
      } catch (BrokenImageException e) {
        outcomesOfGroup.add(broken(e));
      }
    }
    List<Outcome> whole = outcomesOfGroup.stream().filter(outcome -> !outcome.broken()).toList();
    for (Encoder encoder : encoders) {
      for (int from = 0; from < contents.size(); from += encoder.batchSize(1)) {
        int to = Math.min(contents.size(), from + encoder.batchSize(1));
        List<Encoding> encodings = encoder.encode(contents.subList(from, to));
        for (int i = from; i < to; i++) {
          whole.get(i).encodings.put(encoder.info().view().name(), encodings.get(i - from));
        }
      }
    }
    return outcomesOfGroup;
  }

  private Outcome unreadable(Path file) {
    try {
      decoder.decode(file);
    } catch (BrokenImageException e) {
      return broken(e);
    }
    return new Outcome(
        Map.of(),
        BrokenImageException.Reason.UNREADABLE.code(),
        file + ": changed while it was read");
  }

  private static Outcome broken(BrokenImageException e) {
    return new Outcome(Map.of(), e.reason(), e.getMessage());
  }
}
