package org.equipoise.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.equipoise.media.ImageFiles.ascii;
import static org.equipoise.media.ImageFiles.big;
import static org.equipoise.media.ImageFiles.bytes;
import static org.equipoise.media.ImageFiles.chunk;
import static org.equipoise.media.ImageFiles.concat;
import static org.equipoise.media.ImageFiles.little;
import static org.equipoise.media.ImageFiles.png;
import static org.equipoise.media.ImageFiles.riff;
import static org.equipoise.media.ImageFiles.riffChunk;
import static org.equipoise.media.ImageFiles.segment;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private final ImageDecoder decoder = new ImageDecoder();

  @Test
  void aPngIsReadAsItWasWritten() throws Exception {
    RgbImage image = ImageFiles.noise(37, 23, 1);
    assertThat(decoder.decode(ImageEncoder.png(image))).isEqualTo(image);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aJpegIsReadToWithinWhatItsCodingLoses(boolean progressive) throws Exception {
    RgbImage image = ImageFiles.flat(33, 18, 90);
    byte[] jpeg = ImageFiles.jpeg(ImageFiles.buffered(image), progressive);
    assertThat(GoldenImages.largestDifference(decoder.decode(jpeg), image)).isLessThanOrEqualTo(1);
  }

  @Test
  void grayIsRepeatedNotTakenForLinearLight() throws Exception {
    BufferedImage gray = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
    byte[] fill = new byte[256];
    Arrays.fill(fill, (byte) 100);
    gray.getRaster().setDataElements(0, 0, 16, 16, fill);
    RgbImage image = decoder.decode(ImageFiles.jpeg(gray, false));
    assertThat(IntStream.range(0, 3).map(c -> image.value(5, 5, c))).containsOnly(100);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0", "2, 1, 0", "3, 1, 1", "4, 0, 1", "5, 0, 0", "6, 1, 0", "7, 1, 1", "8, 0, 1"
  })
  void exifOrientationPutsTheStoredCornerWhereItBelongs(int orientation, int right, int bottom)
      throws Exception {
    // The stored picture is white in its first corner alone. EXIF 2.3, tag 274: "the 0th row is at
    // the visual top, right, …" says where that corner is seen.
    RgbImage stored = ImageFiles.flat(48, 32, 0);
    for (int y = 0; y < 16; y++) {
      Arrays.fill(stored.pixels(), y * 48 * 3, y * 48 * 3 + 16 * 3, (byte) 255);
    }
    byte[] jpeg = ImageFiles.jpeg(ImageFiles.buffered(stored), false);
    for (byte[] tiff : List.of(ImageFiles.exif(orientation), ImageFiles.exifLittle(orientation))) {
      RgbImage seen =
          decoder.decode(
              ImageFiles.withSegments(jpeg, segment(0xe1, concat(ascii("Exif\0\0"), tiff))));
      assertThat(seen.width()).isEqualTo(orientation >= 5 ? 32 : 48);
      assertThat(seen.height()).isEqualTo(orientation >= 5 ? 48 : 32);
      for (int x = 0; x < 2; x++) {
        for (int y = 0; y < 2; y++) {
          boolean white = x == right && y == bottom;
          int value = seen.value(x * (seen.width() - 1), y * (seen.height() - 1), 0);
          assertThat(value > 128).as("corner %d, %d", x, y).isEqualTo(white);
        }
      }
    }
  }

  @Test
  void orientationIsAppliedInPngAndWebpToo() throws Exception {
    RgbImage image = ImageFiles.photo(20, 10, 3);
    byte[] rows = image.pixels();
    RgbImage turned = new Orientation(6).apply(image);
    assertThat(decoder.decode(png(20, 10, 8, 2, rows, chunk("eXIf", ImageFiles.exif(6)))))
        .isEqualTo(turned);
    byte[] webp = ImageFiles.webp(ImageFiles.buffered(image), true);
    byte[] picture = Arrays.copyOfRange(webp, 12, webp.length);
    byte[] header = concat(little(8, 4), little(19, 3), little(9, 3));
    assertThat(
            decoder.decode(
                riff(riffChunk("VP8X", header), picture, riffChunk("EXIF", ImageFiles.exif(6)))))
        .isEqualTo(turned);
  }

  @Test
  void exifThatMakesNoSenseLeavesThePictureUpright() throws Exception {
    byte[] jpeg = ImageFiles.jpeg(ImageFiles.buffered(ImageFiles.photo(24, 16, 1)), false);
    RgbImage upright = decoder.decode(jpeg);
    for (byte[] tiff :
        List.of(
            new byte[0],
            bytes('M', 'M', 0, 42, 0x7f, 0xff, 0xff, 0xff),
            bytes('I', 'I', 42, 0, 8, 0, 0, 0, 255, 255),
            ImageFiles.exif(9),
            ImageFiles.exif(0))) {
      byte[] exif = segment(0xe1, concat(ascii("Exif\0\0"), tiff));
      assertThat(decoder.decode(ImageFiles.withSegments(jpeg, exif))).isEqualTo(upright);
    }
  }

  @Test
  void aJpegWithoutItsJfifMarkerIsStillLuminanceAndColourDifferences() throws Exception {
    RgbImage red = ImageFiles.flat(16, 16, 0);
    for (int i = 0; i < red.pixels().length; i += 3) {
      red.pixels()[i] = (byte) 200;
    }
    for (boolean halved : new boolean[] {true, false}) {
      // Without halved colours the JDK alone would take it for red, green, blue.
      byte[] jpeg =
          ImageFiles.withoutJfif(ImageFiles.jpegSampled(ImageFiles.buffered(red), halved));
      RgbImage decoded = decoder.decode(jpeg);
      assertThat(decoded.value(8, 8, 0)).isBetween(197, 203);
      assertThat(decoded.value(8, 8, 1)).isLessThan(4);
    }
  }

  @Test
  void profilesCommentsAndWhatFollowsTheEndChangeNothing() throws Exception {
    byte[] jpeg = ImageFiles.jpeg(ImageFiles.buffered(ImageFiles.photo(40, 30, 5)), false);
    RgbImage plain = decoder.decode(jpeg);
    byte[] profile = segment(0xe2, concat(ascii("ICC_PROFILE\0"), bytes(1, 1), new byte[200]));
    byte[] comment = segment(0xfe, ascii("a comment"));
    byte[] more = concat(ImageFiles.withSegments(jpeg, profile, comment), ascii("behind"), jpeg);
    assertThat(decoder.decode(more)).isEqualTo(plain);
  }

  @ParameterizedTest
  @CsvSource({"1, 255", "2, 85", "4, 17"})
  void grayOfFewBitsIsSpreadOverTheRange(int depth, int step) throws Exception {
    int most = (1 << depth) - 1;
    byte[] rows = {(byte) (most << 8 - depth)};
    RgbImage image = decoder.decode(png(2, 1, depth, 0, rows));
    assertThat(image.value(0, 0, 1)).isEqualTo(most * step);
    assertThat(image.value(1, 0, 1)).isZero();
  }

  @Test
  void ofSixteenBitsTheHighEightCount() throws Exception {
    byte[] gray = bytes(0x12, 0xff, 0xfe, 0x80);
    assertThat(decoder.decode(png(2, 1, 16, 0, gray)).pixels())
        .isEqualTo(bytes(0x12, 0x12, 0x12, 0xfe, 0xfe, 0xfe));
    byte[] colour = bytes(1, 255, 2, 255, 3, 255);
    assertThat(decoder.decode(png(1, 1, 16, 2, colour)).pixels()).isEqualTo(bytes(1, 2, 3));
    byte[] half = bytes(0, 9, 100, 9, 200, 9, 128, 9);
    // (0·128 + 255·127 + 127) / 255 = 127; 177 and 227 in the same way.
    assertThat(decoder.decode(png(1, 1, 16, 6, half)).pixels()).isEqualTo(bytes(127, 177, 227));
  }

  @Test
  void alphaIsCompositedOnWhiteInWholeNumbers() throws Exception {
    byte[] rgba = bytes(10, 20, 30, 0, 10, 20, 30, 255, 0, 100, 200, 51);
    // (0·51 + 255·204 + 127) / 255 = 204; 224; 244.
    assertThat(decoder.decode(png(3, 1, 8, 6, rgba)).pixels())
        .isEqualTo(bytes(255, 255, 255, 10, 20, 30, 204, 224, 244));
    assertThat(decoder.decode(png(1, 1, 8, 4, bytes(100, 51))).pixels())
        .isEqualTo(bytes(224, 224, 224));
  }

  @Test
  void aPaletteHasItsOwnAlphaAndIndicesBeyondItAreBlack() throws Exception {
    byte[] palette = chunk("PLTE", bytes(0, 100, 200, 9, 8, 7));
    byte[] alpha = chunk("tRNS", bytes(51));
    byte[] rows = bytes(0b00_01_11_00);
    assertThat(decoder.decode(png(3, 1, 2, 3, rows, palette, alpha)).pixels())
        .isEqualTo(bytes(204, 224, 244, 9, 8, 7, 0, 0, 0));
  }

  @Test
  void oneColourMayBeTheTransparentOne() throws Exception {
    byte[] rows = bytes(1, 2, 3, 1, 2, 4);
    assertThat(
            decoder.decode(png(2, 1, 8, 2, rows, chunk("tRNS", bytes(0, 1, 0, 2, 0, 3)))).pixels())
        .isEqualTo(bytes(255, 255, 255, 1, 2, 4));
    assertThat(decoder.decode(png(2, 1, 8, 0, bytes(7, 8), chunk("tRNS", bytes(0, 7)))).pixels())
        .isEqualTo(bytes(255, 255, 255, 8, 8, 8));
  }

  @Test
  void gammaAndProfilesOfAPngAreNotApplied() throws Exception {
    byte[] rows = bytes(10, 100, 200);
    byte[] gamma = chunk("gAMA", big(10_000, 4));
    byte[] profile = chunk("iCCP", concat(ascii("p\0\0"), ImageFiles.deflated(new byte[64])));
    assertThat(decoder.decode(png(1, 1, 8, 2, rows, gamma, profile)).pixels()).isEqualTo(rows);
  }

  @Test
  void aGifFrameIsPlacedOnItsScreenAndTheRestIsWhite() throws Exception {
    int[] colours = {0x102030, 0x405060, 0x708090};
    byte[] gif = ImageFiles.gif(4, 2, 1, 1, 2, 1, colours, 2, false, new int[] {1, 2});
    RgbImage image = decoder.decode(gif);
    assertThat(image.width()).isEqualTo(4);
    assertThat(image.height()).isEqualTo(2);
    byte[] expected = ImageFiles.flat(4, 2, 255).pixels();
    System.arraycopy(bytes(0x40, 0x50, 0x60), 0, expected, (4 + 1) * 3, 3);
    assertThat(image.pixels()).isEqualTo(expected);
  }

  @Test
  void anInterlacedGifHasItsRowsInOrder() throws Exception {
    int height = 13;
    int[] colours = IntStream.range(0, height).map(i -> i * 0x010101).toArray();
    int[] stored = {0, 8, 4, 12, 2, 6, 10, 1, 3, 5, 7, 9, 11};
    byte[] gif = ImageFiles.gif(1, height, 0, 0, 1, height, colours, -1, true, stored);
    RgbImage image = decoder.decode(gif);
    assertThat(IntStream.range(0, height).map(y -> image.value(0, y, 0)))
        .containsExactly(IntStream.range(0, height).boxed().toArray(Integer[]::new));
  }

  @Test
  void aGifThatLetsItsCodeTableFillUpIsRead() throws Exception {
    // 8-bit values without a clear: the table is full after 3,838 codes, and stays.
    int count = 9_000;
    int[] indices = IntStream.range(0, count).map(i -> (i * 7 + i / 256) % 256).toArray();
    ImageFiles.BitsLittle bits = new ImageFiles.BitsLittle();
    int next = 257;
    int size = 9;
    bits.put(256, size);
    for (int index : indices) {
      bits.put(index, size);
      next = Math.min(4096, next + 1);
      size = next == 1 << size && size < 12 ? size + 1 : size;
    }
    bits.put(257, size);
    byte[] palette = new byte[768];
    for (int i = 0; i < 768; i++) {
      palette[i] = (byte) (i / 3);
    }
    byte[] gif =
        concat(
            ascii("GIF89a"),
            little(90, 2),
            little(100, 2),
            bytes(0x87 | 0x80, 0, 0),
            palette,
            bytes(0x2c, 0, 0, 0, 0, 90, 0, 100, 0, 0, 8),
            ImageFiles.blocks(bits.bytes()),
            bytes(0x3b));
    RgbImage image = decoder.decode(gif);
    for (int i = 0; i < count; i++) {
      assertThat(image.pixels()[i * 3] & 0xff).isEqualTo(indices[i]);
    }
  }

  @Test
  void bmpOfEveryDepthIsRead() throws Exception {
    byte[] palette = bytes(3, 2, 1, 0, 6, 5, 4, 0);
    byte[] two = bytes(1, 2, 3, 4, 5, 6);
    assertThat(
            decoder
                .decode(ImageFiles.bmp(2, 1, 1, 0, palette, bytes(0b0100_0000, 0, 0, 0)))
                .pixels())
        .isEqualTo(two);
    byte[] sixteen = concat(palette, new byte[14 * 4]);
    assertThat(decoder.decode(ImageFiles.bmp(2, 1, 4, 0, sixteen, bytes(0x01, 0, 0, 0))).pixels())
        .isEqualTo(two);
    byte[] all = concat(palette, new byte[254 * 4]);
    assertThat(decoder.decode(ImageFiles.bmp(2, 1, 8, 0, all, bytes(0, 1, 0, 0))).pixels())
        .isEqualTo(two);
    byte[] none = new byte[0];
    assertThat(
            decoder
                .decode(ImageFiles.bmp(1, 2, 24, 0, none, bytes(6, 5, 4, 0, 3, 2, 1, 0)))
                .pixels())
        .isEqualTo(two);
    assertThat(
            decoder
                .decode(ImageFiles.bmp(1, -2, 24, 0, none, bytes(3, 2, 1, 0, 6, 5, 4, 0)))
                .pixels())
        .isEqualTo(two);
    assertThat(decoder.decode(ImageFiles.bmp(1, 1, 32, 0, none, bytes(3, 2, 1, 77))).pixels())
        .isEqualTo(bytes(1, 2, 3));
    // 5 bits a channel: 31 is 255, 16 is round(16 · 255 / 31) = 132.
    assertThat(
            decoder
                .decode(ImageFiles.bmp(1, 1, 16, 0, none, little(31 << 10 | 16 << 5, 4)))
                .pixels())
        .isEqualTo(bytes(255, 132, 0));
    byte[] masks = concat(little(0xf800, 4), little(0x7e0, 4), little(0x1f, 4));
    // 6 bits: round(32 · 255 / 63) = 130.
    assertThat(
            decoder
                .decode(ImageFiles.bmp(1, 1, 16, 3, masks, little(31 << 11 | 32 << 5, 4)))
                .pixels())
        .isEqualTo(bytes(255, 130, 0));
  }

  @Test
  void runsOfABmpAreUnrolled() throws Exception {
    byte[] palette = new byte[256 * 4];
    for (int i = 0; i < 256; i++) {
      Arrays.fill(palette, i * 4, i * 4 + 3, (byte) i);
    }
    byte[] runs = bytes(2, 9, 1, 8, 0, 0, 0, 3, 5, 6, 7, 0, 0, 1);
    RgbImage image = decoder.decode(ImageFiles.bmp(3, 2, 8, 1, palette, runs));
    assertThat(IntStream.range(0, 6).map(i -> image.pixels()[i * 3]))
        .containsExactly(5, 6, 7, 9, 9, 8);
    byte[] few = Arrays.copyOf(palette, 16 * 4);
    byte[] nibbles = bytes(3, 0x12, 0, 0, 0, 2, 1, 0, 2, 0x34, 0, 1);
    RgbImage four = decoder.decode(ImageFiles.bmp(3, 2, 4, 2, few, nibbles));
    assertThat(IntStream.range(0, 6).map(i -> four.pixels()[i * 3]))
        .containsExactly(0, 3, 4, 1, 2, 1);
  }

  @Test
  void losslessWebpIsReadAsItWasWritten() throws Exception {
    RgbImage image = ImageFiles.noise(41, 27, 4);
    assertThat(decoder.decode(ImageFiles.webp(ImageFiles.buffered(image), true))).isEqualTo(image);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void webpsAlphaIsCompositedOnWhite(boolean lossless) throws Exception {
    BufferedImage half = ImageFiles.withAlpha(ImageFiles.flat(16, 16, 100), 51);
    RgbImage image = decoder.decode(ImageFiles.webp(half, lossless));
    // (100·51 + 255·204 + 127) / 255 = 224
    assertThat(image.value(7, 7, 2)).isBetween(lossless ? 224 : 223, lossless ? 224 : 225);
  }

  @Test
  void ofAnAnimatedWebpTheFirstFrameIsPlacedOnItsCanvas() throws Exception {
    RgbImage first = ImageFiles.noise(8, 6, 1);
    byte[][] frames = new byte[2][];
    for (int i = 0; i < 2; i++) {
      RgbImage image = i == 0 ? first : ImageFiles.noise(8, 6, 2);
      byte[] still = ImageFiles.webp(ImageFiles.buffered(image), true);
      byte[] place = concat(little(1, 3), little(2, 3), little(7, 3), little(5, 3), little(100, 4));
      frames[i] = riffChunk("ANMF", concat(place, Arrays.copyOfRange(still, 12, still.length)));
    }
    byte[] header = concat(little(2, 4), little(11, 3), little(9, 3));
    byte[] animated =
        riff(riffChunk("VP8X", header), riffChunk("ANIM", new byte[6]), frames[0], frames[1]);
    RgbImage image = decoder.decode(animated);
    assertThat(image.width()).isEqualTo(12);
    assertThat(image.height()).isEqualTo(10);
    assertThat(Resampling.crop(image, 2, 4, 8, 6)).isEqualTo(first);
    assertThat(Resampling.crop(image, 0, 0, 12, 4)).isEqualTo(ImageFiles.flat(12, 4, 255));
  }

  @Test
  void severalThreadsDecodeAtATime() throws Exception {
    List<byte[]> files =
        IntStream.range(0, 24)
            .mapToObj(i -> ImageFiles.buffered(ImageFiles.photo(60 + i, 50, i)))
            .map(i -> i.getWidth() % 2 == 0 ? ImageFiles.jpeg(i, true) : ImageFiles.webp(i, false))
            .toList();
    List<RgbImage> alone = new ArrayList<>();
    for (byte[] file : files) {
      alone.add(decoder.decode(file));
    }
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<RgbImage>> together =
          files.stream().map(file -> threads.submit(() -> decoder.decode(file))).toList();
      for (int i = 0; i < files.size(); i++) {
        assertThat(together.get(i).get()).isEqualTo(alone.get(i));
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
