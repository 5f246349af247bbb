package org.equipoise.lab.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.equipoise.core.Post;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.AtomicFiles;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;
import org.equipoise.core.io.WorkLock;
import org.equipoise.data.DataFiles;
import org.equipoise.data.DataSpec;
import org.equipoise.data.Incomplete;
import org.equipoise.data.PostReader;
import org.equipoise.training.Detector;
import org.equipoise.training.Trainer;

/**
 * Scores a stream of posts into a file of verdicts, a line each, in the order of the posts, in
 * memory that does not grow with their number. A post that cannot be scored gets a line with the
 * reason. The lines go to {@code OUT.partial} until all are there; a call that finds such a file
 * goes on after its last whole line.
 */
public final class PredictJob {
  private static final int BATCH_POSTS = 256;

  private final RunFolder folder;
  private final DataSpec data;
  private final Path out;
  private final int threads;
  private final Progress progress;
  private final List<Post> waiting = new ArrayList<>();

  private long toPassOver;
  private long scored;
  private long failed;

  /**
   * How a job ended.
   *
   * @param scored posts with a verdict that this call wrote
   * @param failed posts with an error that this call wrote
   * @param resumed lines that were there from before
   * @param alreadyFinished whether there was nothing to do
   */
  public record Outcome(long scored, long failed, long resumed, boolean alreadyFinished) {}

  /**
   * Prepares.
   *
   * @param folder a run
   * @param data the posts
   * @param out the file of verdicts
   * @param threads how many may be used
   */
  public PredictJob(RunFolder folder, DataSpec data, Path out, int threads, Progress progress) {
    this.folder = folder;
    this.data = data;
    this.out = out;
    this.threads = threads;
    this.progress = progress;
  }

  /**
   * Runs to the end, from wherever an earlier call stopped.
   *
   * @param overwrite whether verdicts of another run or of other posts are replaced
   * @throws WrongUseException if run or posts are not there, or the file holds other verdicts
   * @throws IOException if the disk fails; lines written so far stay
   */
  public Outcome run(boolean overwrite) throws IOException {
    PostReader reader = PostReader.open(data);
    Files.createDirectories(out.toAbsolutePath().getParent());
    WorkLock lock = WorkLock.take(beside(".lock"), out.toString());
    try {
      return run(reader, overwrite);
    } finally {
      lock.close();
    }
  }

  private Outcome run(PostReader reader, boolean overwrite) throws IOException {
    Path origin = beside(".provenance.json");
    Path partial = beside(".partial");
    String described = described();
    boolean same = Files.exists(origin) && Files.readString(origin).equals(described);
    if (Files.exists(out) && same && !overwrite) {
      return new Outcome(0, 0, 0, true);
    }
    if (Files.exists(out) && !overwrite) {
      throw new WrongUseException(
          "--out %s holds verdicts of another run or of other posts; name another file, or replace it with --overwrite"
              .formatted(out));
    }
    if (!same || overwrite) {
      Files.deleteIfExists(partial);
      Files.deleteIfExists(out);
      AtomicFiles.write(origin, described);
    }
    toPassOver = wholeLines(partial);
    long resumed = toPassOver;
    try (Detector detector = Detector.load(folder.path(), Trainer.BEST, threads);
        Progress.Task task = progress.start("scoring posts", -1);
        BufferedWriter lines =
            Files.newBufferedWriter(
                partial, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      task.step(resumed);
      reader.forEach(
          post -> {
            waiting.add(post);
            if (waiting.size() == BATCH_POSTS) {
              score(detector, lines, task);
            }
          },
          skipped -> {
            score(detector, lines, task);
            if (!passOver()) {
              write(lines, VerdictJson.of(skipped));
              failed++;
            }
            task.step(1);
          });
      score(detector, lines, task);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    Files.move(partial, out, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    return new Outcome(scored, failed, resumed, false);
  }

  private boolean passOver() {
    if (toPassOver == 0) {
      return false;
    }
    toPassOver--;
    return true;
  }

  private void score(Detector detector, BufferedWriter lines, Progress.Task task) {
    if (waiting.size() <= toPassOver) {
      toPassOver -= waiting.size();
      waiting.clear();
      return;
    }
    // a batch that was written in part is scored as a whole: another batch would round otherwise
    List<Detector.Answer> answers = detector.score(waiting);
    waiting.clear();
    for (Detector.Answer answer : answers) {
      if (passOver()) {
        continue;
      }
      task.step(1);
      if (answer.verdict().isPresent()) {
        write(lines, VerdictJson.of(answer.verdict().get()));
        scored++;
      } else {
        write(lines, VerdictJson.of(answer.skipped().orElseThrow()));
        failed++;
      }
    }
    try {
      lines.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(BufferedWriter lines, ObjectNode line) {
    try {
      lines.write(Json.line(line));
      lines.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Counts the lines that are whole and cuts off one that is not. */
  private static long wholeLines(Path partial) throws IOException {
    if (!Files.exists(partial)) {
      return 0;
    }
    long lines = 0;
    long end = 0;
    try (RandomAccessFile file = new RandomAccessFile(partial.toFile(), "rw")) {
      byte[] buffer = new byte[1 << 16];
      long position = 0;
      for (int read = file.read(buffer); read > 0; read = file.read(buffer)) {
        for (int i = 0; i < read; i++) {
          if (buffer[i] == '\n') {
            lines++;
            end = position + i + 1;
          }
        }
        position += read;
      }
      file.setLength(end);
    }
    return lines;
  }

  /** What decides the verdicts: the checkpoint's content and the posts asked for. */
  private String described() throws IOException {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("format_version", 1);
    node.put("run", folder.path().toAbsolutePath().toString());
    node.put("checkpoint_sha256", Hashes.sha256(folder.path().resolve(Trainer.BEST)));
    node.set("data", Json.MAPPER.valueToTree(DataDescription.of(data, Incomplete.KEEP)));
    node.put("posts_sha256", DataFiles.sha256(data));
    return Json.pretty(node);
  }

  private Path beside(String ending) {
    return out.resolveSibling(out.getFileName() + ending);
  }
}
