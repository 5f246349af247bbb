package org.equipoise.encoders.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings one file of a hub to its place: resumed where an earlier call stopped, verified, and not
 * seen under its name before it is whole.
 */
final class Download {
  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final int BUFFER = 1 << 16;
  private static final Pattern RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

  private final Hub hub;
  private final String id;
  private final String commit;
  private final HubFile file;
  private final Path target;
  private final Path partial;
  private final Path etag;
  private final LongConsumer progress;

  /** The most bytes that an attempt has ended with. */
  private long furthest;

  /**
   * @param folder of what is not whole yet, on the target's file system
   * @param progress is told bytes that are there by now; a negative number takes some back
   */
  Download(
      Hub hub,
      String id,
      String commit,
      HubFile file,
      Path target,
      Path folder,
      LongConsumer progress) {
    this.hub = hub;
    this.id = id;
    this.commit = commit;
    this.file = file;
    this.target = target;
    this.partial = partial(folder, file);
    this.etag = folder.resolve(file.checksum().hex() + ".etag");
    this.progress = progress;
  }

  private static Path partial(Path folder, HubFile file) {
    return folder.resolve(file.checksum().hex() + ".partial");
  }

  /** How many bytes of a file have arrived in the folder of what is not whole yet. */
  static long arrived(Path folder, HubFile file) throws IOException {
    return size(partial(folder, file)).orElse(0);
  }

  /** The content did not turn out to be what the hub lists. */
  private static final class Damaged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Damaged(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Fetches the file, unless another call has meanwhile.
   *
   * @throws UncheckedIOException if the hub or the disk fails, or the content is twice not what the
   *     hub lists
   * @throws org.equipoise.core.WrongUseException if the hub refuses the file
   */
  void run() {
    Path lock = partial.resolveSibling(file.checksum().hex() + ".lock");
    Locks.hold(
        lock,
        () -> {
          try {
            if (isWhole(target)) {
              progress.accept(file.size());
            } else {
              fetch();
            }
            return target;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private boolean isWhole(Path place) throws IOException {
    return Files.isRegularFile(place)
        && Files.size(place) == file.size()
        && file.checksum().ofFile(place).equals(file.checksum());
  }

  private void fetch() throws IOException {
    Files.createDirectories(target.getParent());
    furthest = size(partial).orElse(0);
    progress.accept(furthest);
    try {
      fetchVerified();
    } catch (Damaged first) {
      // an interrupted call may have left what was damaged on the way; from the start, once more
      forget();
      try {
        fetchVerified();
      } catch (Damaged second) {
        forget();
        throw new IOException(
            "%s of %s arrived damaged twice: %s. A proxy or mirror on the way may have changed it: fetch again later, or from another hub by HF_ENDPOINT"
                .formatted(file.path(), id, second.getMessage()));
      }
    }
    try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(
        partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(etag);
  }

  private void fetchVerified() throws IOException {
    hub.client()
        .retry(
            "fetching " + file.path() + " of " + id,
            "; what has arrived is kept, and the same command goes on from there",
            this::transfer);
    Checksum found = file.checksum().ofFile(partial);
    if (!found.equals(file.checksum())) {
      throw new Damaged("it has %s, the hub lists %s".formatted(found, file.checksum()));
    }
  }

  private void forget() throws IOException {
    progress.accept(-size(partial).orElse(0));
    Files.deleteIfExists(partial);
    Files.deleteIfExists(etag);
  }

  private static OptionalLong size(Path path) throws IOException {
    try {
      return OptionalLong.of(Files.size(path));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  /** One attempt to bring what lacks. */
  private Path transfer() throws TransientFailure {
    try {
      OptionalLong there = size(partial);
      if (there.orElse(-1) > file.size()) {
        forget();
        there = OptionalLong.empty();
      }
      if (there.orElse(-1) < file.size()) {
        transfer(there.orElse(0));
      }
      return partial;
    } catch (TransientFailure e) {
      throw hasGained() ? e.withProgress() : e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether more is there than ever before; a hub may begin anew each time and never end. */
  private boolean hasGained() {
    try {
      long now = size(partial).orElse(0);
      boolean gained = now > furthest;
      furthest = Math.max(now, furthest);
      return gained;
    } catch (IOException e) {
      return false;
    }
  }

  private void transfer(long from) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    if (from > 0) {
      headers.put("Range", "bytes=" + from + "-");
      if (Files.exists(etag)) {
        headers.put("If-Range", Files.readString(etag));
      }
    }
    HubClient.Answer answer = hub.client().get(hub.address(id, commit, file.path()), headers);
    try {
      switch (answer.status()) {
        case OK -> whole(answer, from);
        case PARTIAL_CONTENT -> rest(answer, from);
        case RANGE_NOT_SATISFIABLE -> {
          forget();
          throw new TransientFailure("the hub does not go on at byte " + from, Optional.empty());
        }
        default -> throw hub.refused(answer, id, commit, Optional.of(file.path()));
      }
    } finally {
      HubClient.close(answer);
    }
  }

  private void whole(HubClient.Answer answer, long from) throws IOException {
    OptionalLong length = answer.headers().firstValueAsLong("Content-Length");
    if (length.orElse(file.size()) != file.size()) {
      throw new Damaged(
          "it comes with %,d bytes, the hub lists %,d".formatted(length.getAsLong(), file.size()));
    }
    if (from > 0) {
      forget();
    }
    // a weak tag does not promise the same bytes
    String tag = answer.header("ETag");
    if (tag.matches("\"[\\x21\\x23-\\x7e]+\"")) {
      Files.writeString(etag, tag);
    } else {
      Files.deleteIfExists(etag);
    }
    append(answer, 0);
  }

  private void rest(HubClient.Answer answer, long from) throws IOException {
    Matcher range = RANGE.matcher(answer.header("Content-Range"));
    boolean fits =
        range.matches()
            && Long.parseLong(range.group(1)) == from
            && Long.parseLong(range.group(2)) < file.size()
            && (range.group(3).equals("*") || Long.parseLong(range.group(3)) == file.size());
    if (!fits) {
      forget();
      throw new TransientFailure(
          "asked to go on at byte " + from + ", the hub answered another part", Optional.empty());
    }
    append(answer, from);
  }

  private void append(HubClient.Answer answer, long from) throws IOException {
    try (FileChannel channel =
        FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.truncate(from);
      channel.position(from);
      byte[] buffer = new byte[BUFFER];
      long position = from;
      for (int read = answer.body().read(buffer); read >= 0; read = answer.body().read(buffer)) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("fetching was stopped");
        }
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        position += read;
        progress.accept(read);
        if (position > file.size()) {
          throw new Damaged(
              "more than the %,d bytes that the hub lists came".formatted(file.size()));
        }
      }
      if (position < file.size()) {
        throw new TransientFailure(
            "the connection ended after %,d of %,d bytes".formatted(position, file.size()),
            Optional.empty());
      }
    }
  }
}
