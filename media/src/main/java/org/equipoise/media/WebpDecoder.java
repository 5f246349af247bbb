package org.equipoise.media;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import com.luciad.imageio.webp.WebPReadParam;
import com.luciad.imageio.webp.internal.NativeLoader;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import javax.imageio.ImageReader;
import org.equipoise.media.BrokenImageException.Reason;

/**
 * WebP by libwebp, the reference decoder, from a file that is first reduced to one frame. Of an
 * animation that is the first, on its canvas, what it leaves free being white.
 *
 * <p>A decode cannot be stopped within libwebp. The format's edges of at most 16,384 pixels and the
 * limit on pixels bound what it can take.
 */
final class WebpDecoder {
  private static final int CHUNKS = 12;

  private final Bytes file;
  private Orientation orientation = Orientation.UPRIGHT;
  private int alphaChunk = -1;
  private int pictureChunk = -1;
  private int canvasWidth;
  private int canvasHeight;
  private int left;
  private int top;

  private WebpDecoder(Bytes file) {
    this.file = file;
  }

  static RgbImage decode(Bytes file, ImageLimits limits, Deadline deadline)
      throws BrokenImageException, IOException {
    WebpDecoder decoder = new WebpDecoder(file);
    long size = file.u32Little(4);
    file.require(8, size);
    decoder.readChunks(CHUNKS, (int) (8 + size), false, limits);
    return decoder.decode(limits, deadline);
  }

  private RgbImage decode(ImageLimits limits, Deadline deadline)
      throws BrokenImageException, IOException {
    if (pictureChunk < 0) {
      throw new BrokenImageException(Reason.BROKEN, "WebP without a picture");
    }
    boolean lossless = file.has(pictureChunk, "VP8L");
    int width;
    int height;
    if (lossless) {
      long size = file.u32Little(pictureChunk + 9);
      width = (int) (size & 0x3fff) + 1;
      height = (int) (size >> 14 & 0x3fff) + 1;
    } else {
      width = file.u16Little(pictureChunk + 14) & 0x3fff;
      height = file.u16Little(pictureChunk + 16) & 0x3fff;
    }
    limits.check(width, height);
    Native.require();
    RgbImage frame = decodeFrame(frame(width, height, lossless), deadline);
    if (frame.width() != width || frame.height() != height) {
      throw new BrokenImageException(
          Reason.BROKEN, "WebP: %s where %d x %d belong".formatted(frame, width, height));
    }
    return orientation.apply(onCanvas(frame));
  }

  /** Finds the first frame's chunks from {@code from} on. */
  private void readChunks(int from, int end, boolean withinFrame, ImageLimits limits)
      throws BrokenImageException {
    int at = from;
    while (at <= end - 8) {
      long size = file.u32Little(at + 4);
      if (size > end - at - 8) {
        throw new BrokenImageException(
            Reason.TRUNCATED, "WebP: a chunk at %,d needs %,d bytes".formatted(at, size));
      }
      if (file.has(at, "VP8X")) {
        canvasWidth = file.u24Little(at + 12) + 1;
        canvasHeight = file.u24Little(at + 15) + 1;
        limits.check(canvasWidth, canvasHeight);
      } else if (file.has(at, "EXIF")) {
        int tiff = file.has(at + 8, "Exif\0\0") ? at + 14 : at + 8;
        orientation = Orientation.ofExif(file.array(), tiff, at + 8 + (int) size);
      } else if (pictureChunk < 0) {
        readPictureChunk(at, (int) size, withinFrame, limits);
      }
      at += 8 + (int) size + (int) (size & 1);
    }
  }

  private void readPictureChunk(int at, int size, boolean withinFrame, ImageLimits limits)
      throws BrokenImageException {
    if (file.has(at, "VP8 ") || file.has(at, "VP8L")) {
      pictureChunk = at;
    } else if (file.has(at, "ALPH")) {
      alphaChunk = at;
    } else if (file.has(at, "ANMF") && size >= 16 && !withinFrame) {
      left = 2 * file.u24Little(at + 8);
      top = 2 * file.u24Little(at + 11);
      readChunks(at + 8 + 16, at + 8 + size, true, limits);
    }
  }

  /** A file of its own for one frame. */
  private byte[] frame(int width, int height, boolean lossless) throws BrokenImageException {
    ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    if (alphaChunk >= 0 && !lossless) {
      int alpha = 0x10;
      chunks.writeBytes("VP8X".getBytes(StandardCharsets.US_ASCII));
      little(chunks, 10, 4);
      little(chunks, alpha, 4);
      little(chunks, width - 1, 3);
      little(chunks, height - 1, 3);
      copy(chunks, alphaChunk);
    }
    copy(chunks, pictureChunk);
    ByteArrayOutputStream frame = new ByteArrayOutputStream(chunks.size() + CHUNKS);
    frame.writeBytes("RIFF".getBytes(StandardCharsets.US_ASCII));
    little(frame, chunks.size() + 4, 4);
    frame.writeBytes("WEBP".getBytes(StandardCharsets.US_ASCII));
    frame.writeBytes(chunks.toByteArray());
    return frame.toByteArray();
  }

  private void copy(ByteArrayOutputStream out, int chunk) throws BrokenImageException {
    int size = (int) file.u32Little(chunk + 4);
    out.write(file.array(), chunk, 8 + size);
    if (size % 2 == 1) {
      out.write(0);
    }
  }

  private static void little(ByteArrayOutputStream out, int value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write(value >>> 8 * i);
    }
  }

  private static RgbImage decodeFrame(byte[] frame, Deadline deadline) throws IOException {
    ImageReader reader = Native.PROVIDER.createReaderInstance(null);
    try (ByteStream stream = new ByteStream(frame, deadline)) {
      reader.setInput(stream, true, true);
      BufferedImage image = reader.read(0, Native.AS_STORED);
      deadline.check();
      int[] packed = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
      boolean alpha = image.getColorModel().hasAlpha();
      byte[] pixels = new byte[packed.length * 3];
      for (int i = 0, o = 0; i < packed.length; i++, o += 3) {
        int pixel = packed[i];
        int opacity = alpha ? pixel >>> 24 : 255;
        pixels[o] = Colours.onWhite(pixel >> 16 & 0xff, opacity);
        pixels[o + 1] = Colours.onWhite(pixel >> 8 & 0xff, opacity);
        pixels[o + 2] = Colours.onWhite(pixel & 0xff, opacity);
      }
      return new RgbImage(image.getWidth(), image.getHeight(), pixels);
    } finally {
      reader.dispose();
    }
  }

  private RgbImage onCanvas(RgbImage frame) throws BrokenImageException {
    if (canvasWidth == 0 || canvasWidth == frame.width() && canvasHeight == frame.height()) {
      return frame;
    }
    if (left > canvasWidth - frame.width() || top > canvasHeight - frame.height()) {
      throw new BrokenImageException(
          Reason.BROKEN,
          "WebP: a frame of %d x %d at (%d, %d) on a canvas of %d x %d"
              .formatted(frame.width(), frame.height(), left, top, canvasWidth, canvasHeight));
    }
    byte[] pixels = new byte[canvasWidth * canvasHeight * 3];
    Arrays.fill(pixels, (byte) 255);
    for (int y = 0; y < frame.height(); y++) {
      System.arraycopy(
          frame.pixels(),
          y * frame.width() * 3,
          pixels,
          ((top + y) * canvasWidth + left) * 3,
          frame.width() * 3);
    }
    return new RgbImage(canvasWidth, canvasHeight, pixels);
  }

  /** The binding, loaded with the first WebP that is met. */
  private static final class Native {
    static final WebPImageReaderSpi PROVIDER = new WebPImageReaderSpi();

    /** Shared by all threads; never changed, only read. */
    static final WebPReadParam AS_STORED;

    private static final Optional<String> MISSING;

    static {
      Optional<String> missing = Optional.empty();
      WebPReadParam parameters = null;
      try {
        // Asked directly: through its reader, the binding would print a stack trace.
        if (NativeLoader.initialize()) {
          parameters = new WebPReadParam();
        } else {
          missing = Optional.of("no library for this platform");
        }
      } catch (LinkageError | RuntimeException e) {
        missing = Optional.of(String.valueOf(e.getMessage()));
      }
      MISSING = missing;
      AS_STORED = parameters;
    }

    static void require() throws BrokenImageException {
      if (MISSING.isPresent()) {
        throw new BrokenImageException(
            Reason.NO_DECODER,
            "WebP is read by libwebp, which cannot be used on %s %s: %s"
                .formatted(
                    System.getProperty("os.name"), System.getProperty("os.arch"), MISSING.get()));
      }
    }
  }
}
