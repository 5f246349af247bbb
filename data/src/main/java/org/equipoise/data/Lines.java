package org.equipoise.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.equipoise.core.SourceLine;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Reasons;

/**
 * A UTF-8 file line by line. Only a line feed ends a line, with or without a carriage return before
 * it: other separators of Unicode occur inside people's texts. A byte order mark is passed over.
 */
final class Lines implements AutoCloseable {
  /** Longer lines are reported instead of held: a post is not that long, a wrong file may be. */
  private static final int MAXIMUM_BYTES = 32 << 20;

  private static final char REPLACEMENT = '\uFFFD';

  private final Path file;
  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 12);
  private int start;
  private int end;
  private long number;
  private String text = "";
  private String problem = "";

  Lines(Path file) {
    this.file = file;
    try {
      in = Files.newInputStream(file);
    } catch (IOException e) {
      throw new WrongUseException("cannot read " + file + ": " + Reasons.of(e), e);
    }
  }

  /** Goes to the next line; false at the end of the file. */
  boolean next() {
    try {
      return read();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + " after line " + number, e);
    }
  }

  /** The line without its end; what is not UTF-8 is replaced. */
  String text() {
    return text;
  }

  /** Counted from 1. */
  long number() {
    return number;
  }

  /** Why this line cannot be trusted: {@code invalid_utf8}, {@code line_too_long}, or empty. */
  String problem() {
    return problem;
  }

  SourceLine source() {
    return new SourceLine(file.toString(), number);
  }

  Path file() {
    return file;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean read() throws IOException {
    bytes.reset();
    boolean tooLong = false;
    while (true) {
      if (start == end) {
        start = 0;
        end = Math.max(0, in.read(buffer));
        if (end == 0) {
          if (bytes.size() == 0 && !tooLong) {
            return false;
          }
          break;
        }
      }
      int stop = start;
      while (stop < end && buffer[stop] != '\n') {
        stop++;
      }
      if (bytes.size() + stop - start <= MAXIMUM_BYTES) {
        bytes.write(buffer, start, stop - start);
      } else {
        tooLong = true;
      }
      boolean ended = stop < end;
      start = ended ? stop + 1 : stop;
      if (ended) {
        break;
      }
    }
    number++;
    decode(tooLong);
    return true;
  }

  private void decode(boolean tooLong) {
    byte[] raw = bytes.toByteArray();
    int from = number == 1 ? afterByteOrderMark(raw) : 0;
    int to = raw.length > from && raw[raw.length - 1] == '\r' ? raw.length - 1 : raw.length;
    text = new String(raw, from, to - from, StandardCharsets.UTF_8);
    problem = "";
    if (tooLong) {
      problem = "line_too_long";
    } else if (text.indexOf(REPLACEMENT) >= 0 && !isUtf8(raw, from, to)) {
      problem = "invalid_utf8";
    }
  }

  private int afterByteOrderMark(byte[] raw) {
    if (raw.length >= 3
        && raw[0] == (byte) 0xEF
        && raw[1] == (byte) 0xBB
        && raw[2] == (byte) 0xBF) {
      return 3;
    }
    if (raw.length >= 2
        && ((raw[0] == (byte) 0xFF && raw[1] == (byte) 0xFE)
            || (raw[0] == (byte) 0xFE && raw[1] == (byte) 0xFF))) {
      throw new WrongUseException(file + " is UTF-16: save it as UTF-8");
    }
    return 0;
  }

  private static boolean isUtf8(byte[] raw, int from, int to) {
    try {
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(raw, from, to - from));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** What {@link #problem()} means, in words. */
  static String explain(String problem) {
    return problem.equals("line_too_long")
        ? "the line is longer than " + (MAXIMUM_BYTES >> 20) + " MiB"
        : "the line is not UTF-8";
  }
}
