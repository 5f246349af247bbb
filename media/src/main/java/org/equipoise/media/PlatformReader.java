package org.equipoise.media;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/** The JDK's own decoders, whatever other plug-ins are on the class path. */
enum PlatformReader {
  JPEG("jpeg"),
  PNG("png");

  private static final ColorModel RGB =
      new ComponentColorModel(
          ColorSpace.getInstance(ColorSpace.CS_sRGB),
          false,
          false,
          Transparency.OPAQUE,
          DataBuffer.TYPE_BYTE);

  private final ImageReaderSpi provider;

  PlatformReader(String format) {
    this.provider = find(format);
  }

  private static ImageReaderSpi find(String format) {
    Iterator<ImageReaderSpi> providers =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
    while (providers.hasNext()) {
      ImageReaderSpi provider = providers.next();
      boolean ofThePlatform = "java.desktop".equals(provider.getClass().getModule().getName());
      if (ofThePlatform && List.of(provider.getFormatNames()).contains(format)) {
        return provider;
      }
    }
    throw new IllegalStateException("this Java runtime has no reader for " + format);
  }

  /**
   * A picture's samples and the first thing that the decoder found wrong with it.
   *
   * @param raster the samples as the decoder gives them, without a colour model's opinion
   * @param warning what is only a warning to the decoder: a picture that ends halfway is
   */
  record Samples(Raster raster, Optional<String> warning) {}

  /** What is asked of a reader. */
  @FunctionalInterface
  private interface Request {
    Raster of(ImageReader reader) throws IOException;
  }

  /**
   * Decodes a whole file.
   *
   * @throws IOException if it cannot be decoded
   * @throws Deadline.PassedException if that took too long
   */
  Samples read(byte[] file, Deadline deadline) throws IOException {
    return read(file, deadline, reader -> reader.read(0).getRaster());
  }

  /** The same with the samples as they are stored: inks, luminance. */
  Samples readStored(byte[] file, Deadline deadline) throws IOException {
    return read(file, deadline, reader -> reader.readRaster(0, null));
  }

  /**
   * The same into red, green and blue side by side. Left to itself, the JDK's JPEG reader turns
   * every pixel round, which takes as long as decoding it.
   *
   * @param width what the file's header says
   * @param height what the file's header says
   */
  Samples readRgb(byte[] file, int width, int height, Deadline deadline) throws IOException {
    return read(
        file,
        deadline,
        reader -> {
          WritableRaster raster =
              Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, width, height, 3, null);
          ImageReadParam into = reader.getDefaultReadParam();
          into.setDestination(new BufferedImage(RGB, raster, false, null));
          reader.read(0, into);
          return raster;
        });
  }

  private Samples read(byte[] file, Deadline deadline, Request request) throws IOException {
    ImageReader reader = provider.createReaderInstance();
    try (ByteStream stream = new ByteStream(file, deadline)) {
      reader.setInput(stream, true, true);
      Watch watch = new Watch(deadline);
      reader.addIIOReadWarningListener(watch);
      reader.addIIOReadProgressListener(watch);
      Raster raster = request.of(reader);
      deadline.check();
      return new Samples(raster, Optional.ofNullable(watch.warning));
    } finally {
      reader.dispose();
    }
  }

  /**
   * The pixels of a raster of three 8-bit channels. The raster's own array is reordered and becomes
   * the image's where it can, so that a large picture is in memory once.
   */
  static RgbImage rgb(Raster raster) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    if (raster.getSampleModel() instanceof ComponentSampleModel model
        && raster.getDataBuffer() instanceof DataBufferByte buffer
        && buffer.getNumBanks() == 1
        && buffer.getOffset() == 0
        && model.getPixelStride() == 3
        && model.getScanlineStride() == width * 3
        && buffer.getData().length == width * height * 3) {
      byte[] pixels = buffer.getData();
      int[] offsets = model.getBandOffsets();
      if (offsets[0] == 2 && offsets[1] == 1 && offsets[2] == 0) {
        for (int i = 0; i < pixels.length; i += 3) {
          byte blue = pixels[i];
          pixels[i] = pixels[i + 2];
          pixels[i + 2] = blue;
        }
        return new RgbImage(width, height, pixels);
      }
      if (offsets[0] == 0 && offsets[1] == 1 && offsets[2] == 2) {
        return new RgbImage(width, height, pixels);
      }
    }
    return convert(
        raster,
        (samples, i, out, o) -> {
          out[o] = (byte) samples[i];
          out[o + 1] = (byte) samples[i + 1];
          out[o + 2] = (byte) samples[i + 2];
        });
  }

  /** Makes one pixel of the samples from {@code i} on. */
  @FunctionalInterface
  interface PixelRule {
    void apply(int[] samples, int i, byte[] out, int o);
  }

  /** The pixels of a raster by a rule that sees the samples of one pixel at a time. */
  static RgbImage convert(Raster raster, PixelRule rule) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    byte[] out = new byte[width * height * 3];
    int[] row = new int[width * bands];
    int o = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int i = 0; i < row.length; i += bands, o += 3) {
        rule.apply(row, i, out, o);
      }
    }
    return new RgbImage(width, height, out);
  }

  private static final class Watch implements IIOReadWarningListener, IIOReadProgressListener {
    private final Deadline deadline;
    private String warning;

    Watch(Deadline deadline) {
      this.deadline = deadline;
    }

    @Override
    public void warningOccurred(ImageReader source, String message) {
      if (warning == null) {
        warning = message;
      }
    }

    @Override
    public void imageProgress(ImageReader source, float percentageDone) {
      if (deadline.passed()) {
        source.abort();
      }
    }

    @Override
    public void sequenceStarted(ImageReader source, int minIndex) {}

    @Override
    public void sequenceComplete(ImageReader source) {}

    @Override
    public void imageStarted(ImageReader source, int imageIndex) {}

    @Override
    public void imageComplete(ImageReader source) {}

    @Override
    public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

    @Override
    public void thumbnailProgress(ImageReader source, float percentageDone) {}

    @Override
    public void thumbnailComplete(ImageReader source) {}

    @Override
    public void readAborted(ImageReader source) {}
  }
}
