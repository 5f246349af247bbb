package org.equipoise.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  @TempDir Path folder;

  private Path raw(String header, byte... data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text).put(data);
    return Files.write(folder.resolve("raw.safetensors"), bytes.array());
  }

  @Test
  void readsAFileThatWasLaidOutByHand() throws IOException {
    Path file =
        raw(
            "{\"__metadata__\":{\"a\":\"b\"},"
                + "\"x\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
                + "\"y\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}",
            new byte[] {
              0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0, -2, -1, -1, -1, -1, -1, -1, -1
            });
    SafetensorsFile read = SafetensorsFile.open(file);
    assertThat(read.metadata()).containsEntry("a", "b");
    assertThat(read.names()).containsExactly("x", "y");
    assertThat(read.info("x").shape()).containsExactly(1L, 2L);
    assertThat(read.floats("x")).containsExactly(1f, -2f);
    assertThat(read.longs("y")).containsExactly(-2);
    read.verify();
  }

  @Test
  void whatIsWrittenIsReadAgainAndEqualTensorsGiveEqualBytes() throws IOException {
    Random random = new Random(3);
    float[] values = new float[70_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    long[] numbers = random.longs(9_001).toArray();
    for (String name : List.of("first", "second")) {
      new SafetensorsWriter()
          .metadata("kind", "test")
          .add("v", values, values.length)
          .add("n", numbers, numbers.length)
          .addBytes(TensorInfo.of("b", DType.U8, 3), new byte[] {1, 0, 1})
          .write(folder.resolve(name));
    }
    SafetensorsFile read = SafetensorsFile.open(folder.resolve("first"));
    read.verify();
    assertThat(read.floats("v")).isEqualTo(values);
    assertThat(read.longs("n")).isEqualTo(numbers);
    assertThat(read.doubles("b")).containsExactly(1, 0, 1);
    assertThat(folder.resolve("first")).hasSameBinaryContentAs(folder.resolve("second"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "[]",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,80]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"Q7\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F64\",\"shape\":[9223372036854775807,9],\"data_offsets\":[0,8]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}",
        "{\"x\":5}"
      })
  void aHeaderThatLiesIsRefusedWithTheFilesName(String header) throws IOException {
    Path file = raw(header, new byte[8]);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void everyCutIsNoticed() throws IOException {
    Path file = folder.resolve("whole");
    new SafetensorsWriter().add("v", new float[] {1, 2, 3}, 3).write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> SafetensorsFile.open(cut)).isInstanceOf(WrongUseException.class);
    }
  }

  @Test
  void everyFlippedBitOfTheDataIsNoticed() throws IOException {
    Path file = folder.resolve("whole");
    new SafetensorsWriter().add("v", new float[] {1, 2, 3}, 3).write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int bit = 0; bit < 12 * 8; bit++) {
      byte[] changed = whole.clone();
      changed[whole.length - 12 + bit / 8] ^= (byte) (1 << (bit % 8));
      Path flipped = Files.write(folder.resolve("flipped"), changed);
      assertThatThrownBy(() -> SafetensorsFile.open(flipped).verify())
          .isInstanceOf(WrongUseException.class)
          .hasMessageContaining("damaged");
    }
  }

  @Test
  void aMissingTensorIsNamed() throws IOException {
    Path file = folder.resolve("whole");
    new SafetensorsWriter().add("v", new float[] {1}, 1).write(file);
    assertThatThrownBy(() -> SafetensorsFile.open(file).floats("w"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'w'");
  }

  @Test
  void aShapeThatDoesNotFitIsRefusedBeforeWriting() {
    assertThatThrownBy(() -> new SafetensorsWriter().add("v", new float[3], 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("v");
  }
}
