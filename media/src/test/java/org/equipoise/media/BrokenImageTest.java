package org.equipoise.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.equipoise.media.ImageFiles.ascii;
import static org.equipoise.media.ImageFiles.bytes;
import static org.equipoise.media.ImageFiles.chunk;
import static org.equipoise.media.ImageFiles.concat;
import static org.equipoise.media.ImageFiles.little;
import static org.equipoise.media.ImageFiles.png;
import static org.equipoise.media.ImageFiles.pngHeader;
import static org.equipoise.media.ImageFiles.riff;
import static org.equipoise.media.ImageFiles.riffChunk;
import static org.equipoise.media.ImageFiles.signature;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.equipoise.media.BrokenImageException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokenImageTest {
  /**
   * Enough for a hundred small pictures: what a header promises beyond it must not be allocated.
   */
  private static final long MOST_BYTES = 64L << 20;

  private final ImageDecoder decoder = new ImageDecoder();

  @TempDir Path folder;

  @Test
  void aMissingFileAFolderAnEmptyFileAndATextSayWhatTheyAre() throws Exception {
    Path missing = folder.resolve("missing.jpg");
    assertThat(refused(missing).kind()).isEqualTo(Reason.MISSING);
    assertThat(refused(missing)).hasMessageContaining(missing.toString());
    assertThat(refused(folder).kind()).isEqualTo(Reason.UNREADABLE);
    Path empty = Files.createFile(folder.resolve("empty.jpg"));
    assertThat(refused(empty).kind()).isEqualTo(Reason.EMPTY);
    Path text = Files.writeString(folder.resolve("text.jpg"), "not a picture");
    assertThat(refused(text).reason()).isEqualTo("image_unknown_format");
    assertThat(refused(ascii("BMW is a maker of cars and motorcycles")).kind())
        .isEqualTo(Reason.UNKNOWN_FORMAT);
  }

  @Test
  void formatsThatAreNotReadAreNamed() {
    assertThat(refused(concat(bytes(0, 0, 1, 0, 1, 0), new byte[60]))).hasMessageContaining("ICO");
    assertThat(refused(ascii("II*\0 and so on"))).hasMessageContaining("TIFF");
    assertThat(refused(ascii("\0\0\0\34ftypavif"))).hasMessageContaining("AVIF");
    assertThat(refused(ascii("<!DOCTYPE html>"))).hasMessageContaining("web page");
  }

  @Test
  void anyFileCutOffAnywhereIsBroken() {
    for (Map.Entry<String, byte[]> file : files(1).entrySet()) {
      byte[] whole = file.getValue();
      // What ends a file may be missing without loss in BMP (padding) and GIF (the trailer).
      int end = whole.length - (file.getKey().startsWith("gif") ? 12 : 4);
      for (int length = 0; length < end; length += 1 + end / 60) {
        byte[] cut = Arrays.copyOf(whole, length);
        BrokenImageException refused = refused(cut);
        assertThat(refused.kind())
            .as("%s after %d bytes: %s", file.getKey(), length, refused.getMessage())
            .isIn(Reason.EMPTY, Reason.UNKNOWN_FORMAT, Reason.TRUNCATED);
      }
    }
  }

  @Test
  void aJpegWhosePictureEndsEarlyIsBrokenEvenWithAnEndMarker() {
    byte[] jpeg = ImageFiles.jpeg(ImageFiles.buffered(ImageFiles.photo(64, 64, 2)), false);
    byte[] cut = Arrays.copyOf(jpeg, jpeg.length * 2 / 3);
    assertThat(refused(cut).kind()).isEqualTo(Reason.TRUNCATED);
    assertThat(refused(concat(cut, bytes(0xff, 0xd9))).kind()).isEqualTo(Reason.BROKEN);
  }

  @Test
  void aHeaderThatPromisesTooMuchCostsNothing() {
    long before = allocated();
    Map<String, byte[]> bombs = new LinkedHashMap<>();
    bombs.put(
        "png", concat(signature(), chunk("IHDR", pngHeader(50_000, 50_000, 8, 2)), chunk("IEND")));
    bombs.put(
        "png, widest",
        concat(signature(), chunk("IHDR", pngHeader(Integer.MAX_VALUE, Integer.MAX_VALUE, 16, 6))));
    int[] black = {0, 0};
    bombs.put(
        "gif screen", ImageFiles.gif(65_535, 65_535, 0, 0, 1, 1, black, -1, false, new int[1]));
    bombs.put(
        "gif frame", ImageFiles.gif(1, 1, 0, 0, 65_535, 65_535, black, -1, false, new int[1]));
    bombs.put(
        "gif place", ImageFiles.gif(1, 1, 65_000, 65_000, 9, 9, black, -1, false, new int[81]));
    byte[] none = new byte[0];
    bombs.put("bmp", ImageFiles.bmp(Integer.MAX_VALUE, 1 << 30, 24, 0, none, new byte[8]));
    bombs.put("bmp, lowest", ImageFiles.bmp(60_000, Integer.MIN_VALUE, 24, 0, none, new byte[8]));
    bombs.put("bmp of runs", ImageFiles.bmp(60_000, 60_000, 8, 1, new byte[1024], bytes(0, 1)));
    bombs.put("jpeg", patched(jpegHeader(), 65_535));
    byte[] canvas = concat(little(2, 4), little(0xffffff, 3), little(0xffffff, 3));
    bombs.put("webp canvas", riff(riffChunk("VP8X", canvas)));
    bombs.put("webp", riff(riffChunk("VP8L", concat(bytes(0x2f), little(0x0fffffff, 4)))));
    bombs.forEach(
        (name, file) -> assertThat(refused(file).kind()).as(name).isEqualTo(Reason.TOO_LARGE));
    assertThat(allocated() - before).isLessThan(MOST_BYTES);
  }

  @Test
  void widthsAndHeightsOfZeroAreBroken() {
    byte[] none = new byte[0];
    assertThat(refused(ImageFiles.bmp(0, 5, 24, 0, none, new byte[9])).kind())
        .isEqualTo(Reason.BROKEN);
    assertThat(refused(ImageFiles.bmp(-3, 5, 24, 0, none, new byte[99])).kind())
        .isEqualTo(Reason.BROKEN);
    assertThat(refused(concat(signature(), chunk("IHDR", pngHeader(0, 5, 8, 2)))).kind())
        .isEqualTo(Reason.BROKEN);
    assertThat(refused(ImageFiles.gif(4, 4, 0, 0, 0, 4, new int[2], -1, false, new int[0])).kind())
        .isEqualTo(Reason.BROKEN);
    assertThat(refused(patched(jpegHeader(), 0)).kind()).isEqualTo(Reason.BROKEN);
  }

  @Test
  void aBmpWhoseHeaderLiesAboutItsDataIsCutOffBeforeAnythingIsAllocated() {
    long before = allocated();
    byte[] lying = ImageFiles.bmp(9_000, 9_000, 24, 0, new byte[0], new byte[100]);
    assertThat(refused(lying).kind()).isEqualTo(Reason.TRUNCATED);
    byte[] embedded = ImageFiles.bmp(4, 4, 24, 4, new byte[0], jpegHeader());
    assertThat(refused(embedded).kind()).isEqualTo(Reason.BROKEN);
    assertThat(allocated() - before).isLessThan(MOST_BYTES);
  }

  @Test
  void textsAndProfilesOfAPngThatUnpackToGigabytesAreNotUnpacked() throws Exception {
    byte[] bomb = ImageFiles.deflated(new byte[200 << 20]);
    byte[] text = chunk("zTXt", concat(ascii("Comment\0\0"), bomb));
    byte[] profile = chunk("iCCP", concat(ascii("p\0\0"), bomb));
    byte[] international = chunk("iTXt", concat(ascii("c\0\1\0\0\0"), bomb));
    byte[] rows = bytes(1, 2, 3);
    byte[] file = png(1, 1, 8, 2, rows, text, profile, international);
    long before = allocated();
    assertThat(decoder.decode(file).pixels()).isEqualTo(rows);
    assertThat(allocated() - before).isLessThan(MOST_BYTES);
  }

  @Test
  void limitsAreTheCallers() throws Exception {
    byte[] file = ImageEncoder.png(ImageFiles.photo(20, 10, 1));
    Duration time = Duration.ofSeconds(5);
    assertThat(new ImageDecoder(new ImageLimits(file.length, 200, time)).decode(file).width())
        .isEqualTo(20);
    ImageDecoder fewPixels = new ImageDecoder(new ImageLimits(file.length, 199, time));
    assertThatThrownBy(() -> fewPixels.decode(file)).hasMessageContaining("20 x 10");
    ImageDecoder fewBytes = new ImageDecoder(new ImageLimits(file.length - 1, 200, time));
    assertThatThrownBy(() -> fewBytes.decode(file)).hasMessageContaining("bytes");
    Path written = Files.write(folder.resolve("a.png"), file);
    assertThatThrownBy(() -> fewBytes.decode(written)).hasMessageContaining("bytes");
    assertThatThrownBy(() -> new ImageLimits(0, 1, time))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ImageLimits(1, Long.MAX_VALUE, time))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ImageLimits(1, 1, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDecodeThatRunsTooLongIsStopped() {
    byte[] jpeg = manyScans(ImageFiles.flat(1600, 1600, 80), 60_000);
    Duration time = Duration.ofMillis(150);
    ImageDecoder hasty = new ImageDecoder(new ImageLimits(1 << 27, 10_000_000, time));
    long start = System.nanoTime();
    BrokenImageException stopped =
        catchThrowableOfType(BrokenImageException.class, () -> hasty.decode(jpeg));
    assertThat(stopped.kind()).isEqualTo(Reason.TIMEOUT);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void everyFormatHeedsTheTime() {
    ImageDecoder none = new ImageDecoder(new ImageLimits(1 << 20, 1 << 20, Duration.ofNanos(1)));
    files(1)
        .forEach(
            (name, file) ->
                assertThat(
                        catchThrowableOfType(BrokenImageException.class, () -> none.decode(file))
                            .kind())
                    .as(name)
                    .isEqualTo(Reason.TIMEOUT));
  }

  /** A progressive JPEG with one of its scans, a few bytes long, over and over: each is a pass. */
  private static byte[] manyScans(RgbImage image, int times) {
    byte[] jpeg = ImageFiles.jpeg(ImageFiles.buffered(image), true);
    int last = -1;
    for (int i = 0; i < jpeg.length - 1; i++) {
      if ((jpeg[i] & 0xff) == 0xff && (jpeg[i + 1] & 0xff) == 0xda) {
        last = i;
      }
    }
    byte[] scan = Arrays.copyOfRange(jpeg, last, jpeg.length - 2);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, jpeg.length - 2);
    for (int i = 0; i < times; i++) {
      out.writeBytes(scan);
    }
    out.writeBytes(bytes(0xff, 0xd9));
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whateverTheBytesAreTheOutcomeIsAnImageOrAReason(long seed) {
    Random random = new Random(seed);
    ImageDecoder small =
        new ImageDecoder(new ImageLimits(1 << 20, 1 << 20, Duration.ofSeconds(10)));
    byte[][] files = files(seed).values().toArray(new byte[0][]);
    int images = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] mutated = mutated(files[random.nextInt(files.length)], random);
      try {
        RgbImage image = small.decode(mutated);
        assertThat((long) image.width() * image.height()).isLessThanOrEqualTo(1 << 20);
        images++;
      } catch (BrokenImageException e) {
        assertThat(e.getMessage()).isNotBlank();
        assertThat(e.reason()).startsWith("image_");
      }
    }
    assertThat(images).isBetween(1, 2_999);
  }

  private static byte[] mutated(byte[] whole, Random random) {
    byte[] file = whole.clone();
    switch (random.nextInt(4)) {
      case 0 -> {
        return Arrays.copyOf(file, random.nextInt(file.length));
      }
      case 1 -> {
        for (int i = 0; i <= random.nextInt(8); i++) {
          file[random.nextInt(file.length)] = (byte) random.nextInt(256);
        }
      }
      case 2 -> {
        for (int i = 0; i <= random.nextInt(4); i++) {
          file[random.nextInt(Math.min(100, file.length))] = (byte) random.nextInt(256);
        }
      }
      default -> {
        int length = 1 + random.nextInt(Math.min(64, file.length - 1));
        int from = random.nextInt(file.length - length);
        int to = random.nextInt(file.length - length);
        System.arraycopy(file, from, file, to, length);
      }
    }
    return random.nextBoolean() ? withRightChecksums(file) : file;
  }

  /** Otherwise no changed PNG would get beyond its checksums. */
  private static byte[] withRightChecksums(byte[] file) {
    if (file.length < 8 || file[1] != 'P') {
      return file;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(file, 0, 8);
    int at = 8;
    while (at + 12 <= file.length) {
      int length =
          (file[at] & 0xff) << 24
              | (file[at + 1] & 0xff) << 16
              | (file[at + 2] & 0xff) << 8
              | file[at + 3] & 0xff;
      if (length < 0 || length > file.length - at - 12) {
        break;
      }
      String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
      out.writeBytes(chunk(type, Arrays.copyOfRange(file, at + 8, at + 8 + length)));
      at += 12 + length;
    }
    out.write(file, at, file.length - at);
    return out.toByteArray();
  }

  private static Map<String, byte[]> files(long seed) {
    RgbImage image = ImageFiles.photo(40, 30, seed);
    RgbImage small = ImageFiles.noise(9, 7, seed);
    int[] colours = {0x102030, 0x405060, 0x708090, 0xffffff};
    int[] indices = new Random(seed).ints(63, 0, 4).toArray();
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("jpeg", ImageFiles.jpeg(ImageFiles.buffered(image), false));
    files.put("jpeg, progressive", ImageFiles.jpeg(ImageFiles.buffered(image), true));
    files.put("png", ImageEncoder.png(image));
    byte[] palette = chunk("PLTE", bytes(1, 2, 3, 4, 5, 6, 7, 8, 9));
    files.put("png, palette", png(4, 2, 2, 3, bytes(0b00011000, 0b10010001), palette));
    files.put("gif", ImageFiles.gif(9, 7, 0, 0, 9, 7, colours, 3, false, indices));
    files.put("gif, interlaced", ImageFiles.gif(12, 9, 2, 1, 9, 7, colours, -1, true, indices));
    files.put("webp, lossy", ImageFiles.webp(ImageFiles.buffered(image), false));
    files.put("webp, lossless", ImageFiles.webp(ImageFiles.withAlpha(small, 128), true));
    files.put("webp, alpha", ImageFiles.webp(ImageFiles.withAlpha(image, 128), false));
    files.put("bmp", ImageFiles.bmp(9, 7, 24, 0, new byte[0], new byte[28 * 7]));
    byte[] runs = bytes(9, 1, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 4, 6, 0, 0, 9, 2, 0, 0);
    files.put("bmp, runs", ImageFiles.bmp(9, 3, 8, 1, new byte[1024], runs));
    return files;
  }

  private static byte[] jpegHeader() {
    return ImageFiles.jpeg(ImageFiles.buffered(ImageFiles.flat(8, 8, 1)), false);
  }

  /** Another width and height in a JPEG's frame header. */
  private static byte[] patched(byte[] jpeg, int edge) {
    for (int i = 0; i < jpeg.length - 9; i++) {
      if ((jpeg[i] & 0xff) == 0xff && (jpeg[i + 1] & 0xff) == 0xc0) {
        for (int j = 0; j < 2; j++) {
          jpeg[i + 5 + 2 * j] = (byte) (edge >> 8);
          jpeg[i + 6 + 2 * j] = (byte) edge;
        }
        return jpeg;
      }
    }
    throw new AssertionError("no frame header");
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private BrokenImageException refused(Path file) {
    return catchThrowableOfType(BrokenImageException.class, () -> decoder.decode(file));
  }

  private BrokenImageException refused(byte[] file) {
    return catchThrowableOfType(BrokenImageException.class, () -> decoder.decode(file));
  }
}
