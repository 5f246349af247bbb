package org.equipoise.core.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;
import org.equipoise.core.io.Reasons;

/**
 * A safetensors file, memory-mapped: tensors are read where they lie. Safe for several threads. The
 * mapping is released by the garbage collector; the file itself is not kept open.
 */
public final class SafetensorsFile {
  private static final int MAX_HEADER_BYTES = 100_000_000;
  private static final int HASH_CHUNK_BYTES = 1 << 20;

  private final Path file;
  private final Map<String, String> metadata;
  private final Map<String, Entry> entries;

  private record Entry(TensorInfo info, ByteBuffer bytes) {}

  private SafetensorsFile(Path file, Map<String, String> metadata, Map<String, Entry> entries) {
    this.file = file;
    this.metadata = Collections.unmodifiableMap(metadata);
    this.entries = entries;
  }

  /**
   * Maps the file and checks that its header fits its size.
   *
   * @throws WrongUseException if it is absent, cut short or not safetensors; the message names the
   *     file
   */
  public static SafetensorsFile open(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(file, channel);
    } catch (IOException e) {
      throw new WrongUseException("cannot read " + file + ": " + Reasons.of(e), e);
    }
  }

  private static SafetensorsFile read(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < Long.BYTES) {
      throw damaged(file, "it has only " + size + " bytes");
    }
    long headerSize = map(channel, 0, Long.BYTES).getLong();
    if (headerSize < 2 || headerSize > MAX_HEADER_BYTES || headerSize > size - Long.BYTES) {
      throw damaged(file, "its header's length is " + headerSize);
    }
    byte[] header = new byte[(int) headerSize];
    map(channel, Long.BYTES, headerSize).get(header);
    JsonNode root;
    try {
      root = Json.MAPPER.readTree(header);
    } catch (JsonProcessingException e) {
      throw damaged(file, "its header is not JSON");
    }
    if (!root.isObject()) {
      throw damaged(file, "its header is not a JSON object");
    }
    long dataStart = Long.BYTES + headerSize;
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals("__metadata__")) {
        field.getValue().properties().forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
      } else {
        entries.put(field.getKey(), entry(file, channel, field, dataStart, size));
      }
    }
    return new SafetensorsFile(file, metadata, entries);
  }

  private static Entry entry(
      Path file, FileChannel channel, Map.Entry<String, JsonNode> field, long dataStart, long size)
      throws IOException {
    JsonNode node = field.getValue();
    TensorInfo info;
    long length;
    try {
      DType type = DType.valueOf(node.path("dtype").asText());
      List<Long> shape = new ArrayList<>();
      for (JsonNode dimension : node.path("shape")) {
        if (!dimension.canConvertToLong() || dimension.asLong() < 0) {
          throw new IllegalArgumentException();
        }
        shape.add(dimension.asLong());
      }
      info = new TensorInfo(field.getKey(), type, shape);
      length = info.size();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw damaged(file, "tensor '" + field.getKey() + "' has an unknown type or shape");
    }
    long begin = node.path("data_offsets").path(0).asLong(-1);
    long end = node.path("data_offsets").path(1).asLong(-1);
    if (begin < 0 || end - begin != length || end > size - dataStart) {
      throw damaged(file, "tensor '" + field.getKey() + "' lies outside of it (cut short?)");
    }
    return new Entry(info, map(channel, dataStart + begin, length));
  }

  private static ByteBuffer map(FileChannel channel, long position, long length)
      throws IOException {
    return channel
        .map(FileChannel.MapMode.READ_ONLY, position, length)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static WrongUseException damaged(Path file, String how) {
    return new WrongUseException(file + " is not a whole safetensors file: " + how);
  }

  /**
   * Compares the data with the checksum that {@link SafetensorsWriter} left in the metadata; a file
   * without one passes.
   *
   * @throws WrongUseException if a byte has changed
   */
  public void verify() {
    String expected = metadata.get(SafetensorsWriter.CHECKSUM);
    if (expected == null) {
      return;
    }
    MessageDigest digest = Hashes.sha256();
    byte[] chunk = new byte[HASH_CHUNK_BYTES];
    for (Entry entry : entries.values()) {
      ByteBuffer rest = entry.bytes.duplicate();
      while (rest.hasRemaining()) {
        int count = Math.min(chunk.length, rest.remaining());
        rest.get(chunk, 0, count);
        digest.update(chunk, 0, count);
      }
    }
    if (!Hashes.hex(digest.digest()).equals(expected)) {
      throw new WrongUseException(
          file
              + " is damaged: its content does not match its checksum; restore it or make it again");
    }
  }

  /** The file that was opened. */
  public Path path() {
    return file;
  }

  /** The header's {@code __metadata__}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Names of the tensors, in the header's order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /** Whether there is a tensor of that name. */
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /**
   * Type and shape of a tensor.
   *
   * @throws WrongUseException if there is none of that name
   */
  public TensorInfo info(String name) {
    return find(name).info;
  }

  /** A tensor's bytes as a read-only, little-endian view of the file. */
  public ByteBuffer bytes(String name) {
    return find(name).bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A tensor's numbers as float32; wider numbers are rounded. */
  public float[] floats(String name) {
    Entry entry = find(name);
    ByteBuffer bytes = bytes(name);
    float[] values = new float[Math.toIntExact(entry.info.elements())];
    if (entry.info.type() == DType.F32) {
      bytes.asFloatBuffer().get(values);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) number(bytes, entry.info.type(), i);
    }
    return values;
  }

  /** A tensor's numbers as float64. */
  public double[] doubles(String name) {
    Entry entry = find(name);
    ByteBuffer bytes = bytes(name);
    double[] values = new double[Math.toIntExact(entry.info.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = number(bytes, entry.info.type(), i);
    }
    return values;
  }

  /** A tensor's numbers as whole numbers; fractions are cut off. */
  public long[] longs(String name) {
    Entry entry = find(name);
    ByteBuffer bytes = bytes(name);
    long[] values = new long[Math.toIntExact(entry.info.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          entry.info.type() == DType.I64
              ? bytes.getLong(i * Long.BYTES)
              : (long) number(bytes, entry.info.type(), i);
    }
    return values;
  }

  private static double number(ByteBuffer bytes, DType type, int index) {
    int at = index * type.bytes();
    return switch (type) {
      case F16 -> Float16.toFloat(bytes.getShort(at));
      case F32 -> bytes.getFloat(at);
      case F64 -> bytes.getDouble(at);
      case U8, BOOL -> Byte.toUnsignedInt(bytes.get(at));
      case I32 -> bytes.getInt(at);
      case I64 -> bytes.getLong(at);
    };
  }

  private Entry find(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new WrongUseException(file + " has no tensor '" + name + "'");
    }
    return entry;
  }
}
