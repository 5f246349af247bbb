package org.equipoise.core.safetensors;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.io.AtomicFiles;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;

/**
 * Collects tensors and writes them as one safetensors file, whole or not at all. The same tensors
 * and metadata in the same order give the same bytes. The metadata entry {@value #CHECKSUM} is the
 * SHA-256 of all tensor bytes, so that a reader can tell a damaged file.
 */
public final class SafetensorsWriter {
  /** Metadata key of the hexadecimal SHA-256 over the file's data part. */
  public static final String CHECKSUM = "data_sha256";

  private static final int CHUNK_BYTES = 1 << 16;

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Entry> entries = new ArrayList<>();

  private record Entry(TensorInfo info, Data data) {}

  /** Fills little-endian buffers with a tensor's bytes, in order. */
  private interface Data {
    void writeTo(Sink sink) throws IOException;
  }

  private interface Sink {
    void write(byte[] bytes, int length) throws IOException;
  }

  /** Adds or replaces an entry of the header's {@code __metadata__}. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** Adds a float32 tensor; the array is read when the file is written. */
  public SafetensorsWriter add(String name, float[] values, long... shape) {
    return add(name, FloatBuffer.wrap(values), shape);
  }

  /** Adds a float32 tensor from a buffer's remaining numbers. */
  public SafetensorsWriter add(String name, FloatBuffer values, long... shape) {
    return add(
        TensorInfo.of(name, DType.F32, shape),
        values.remaining(),
        sink -> {
          FloatBuffer rest = values.duplicate();
          ByteBuffer chunk = chunk();
          while (rest.hasRemaining()) {
            chunk.clear();
            int count = Math.min(rest.remaining(), CHUNK_BYTES / Float.BYTES);
            FloatBuffer part = rest.slice(rest.position(), count);
            chunk.asFloatBuffer().put(part);
            rest.position(rest.position() + count);
            sink.write(chunk.array(), count * Float.BYTES);
          }
        });
  }

  /** Adds an int64 tensor. */
  public SafetensorsWriter add(String name, long[] values, long... shape) {
    return add(
        TensorInfo.of(name, DType.I64, shape),
        values.length,
        sink -> {
          LongBuffer rest = LongBuffer.wrap(values);
          ByteBuffer chunk = chunk();
          while (rest.hasRemaining()) {
            chunk.clear();
            int count = Math.min(rest.remaining(), CHUNK_BYTES / Long.BYTES);
            chunk.asLongBuffer().put(rest.slice(rest.position(), count));
            rest.position(rest.position() + count);
            sink.write(chunk.array(), count * Long.BYTES);
          }
        });
  }

  /** Adds a tensor of any type from its little-endian bytes. */
  public SafetensorsWriter addBytes(TensorInfo info, byte[] values) {
    if (values.length != info.size()) {
      throw new IllegalArgumentException(
          info.name() + ": " + values.length + " bytes for a shape of " + info.size());
    }
    return add(info, info.elements(), sink -> sink.write(values, values.length));
  }

  private SafetensorsWriter add(TensorInfo info, long elements, Data data) {
    if (elements != info.elements()) {
      throw new IllegalArgumentException(
          info.name() + ": " + elements + " numbers for shape " + info.shape());
    }
    entries.add(new Entry(info, data));
    return this;
  }

  /**
   * Writes the file atomically.
   *
   * @return the hexadecimal SHA-256 of the file's data part
   * @throws IOException if the disk fails; an older file of that name is then untouched
   */
  public String write(Path file) throws IOException {
    MessageDigest digest = Hashes.sha256();
    for (Entry entry : entries) {
      entry.data.writeTo((bytes, length) -> digest.update(bytes, 0, length));
    }
    String checksum = Hashes.hex(digest.digest());
    byte[] header = header(checksum);
    AtomicFiles.write(
        file,
        out -> {
          out.write(littleEndian(header.length));
          out.write(header);
          writeData(out);
        });
    return checksum;
  }

  private void writeData(OutputStream out) throws IOException {
    for (Entry entry : entries) {
      entry.data.writeTo((bytes, length) -> out.write(bytes, 0, length));
    }
  }

  private byte[] header(String checksum) {
    Map<String, Object> header = new LinkedHashMap<>();
    Map<String, String> allMetadata = new LinkedHashMap<>(metadata);
    allMetadata.put(CHECKSUM, checksum);
    header.put("__metadata__", allMetadata);
    long offset = 0;
    for (Entry entry : entries) {
      TensorInfo info = entry.info;
      Map<String, Object> tensor = new LinkedHashMap<>();
      tensor.put("dtype", info.type().name());
      tensor.put("shape", info.shape());
      tensor.put("data_offsets", List.of(offset, offset + info.size()));
      if (header.put(info.name(), tensor) != null) {
        throw new IllegalArgumentException("two tensors named " + info.name());
      }
      offset += info.size();
    }
    StringBuilder text = new StringBuilder(Json.line(header));
    while (text.toString().getBytes(StandardCharsets.UTF_8).length % 8 != 0) {
      text.append(' ');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] littleEndian(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  private static ByteBuffer chunk() {
    return ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
