package org.equipoise.media;

import java.util.Arrays;
import java.util.Objects;

/**
 * Resizing with antialiasing, equal to Pillow's to the last bit.
 *
 * <p>Two passes, columns first, each rounded to 8 bits. For output {@code i} of a pass, with {@code
 * scale = in / out} and {@code s = max(scale, 1)}: {@code centre = (i + 0.5) · scale}, the pixels
 * from {@code int(centre − support·s + 0.5)} to {@code int(centre + support·s + 0.5)} take part,
 * pixel {@code j} with weight {@code f((j − centre + 0.5) / s)}; weights are divided by their sum
 * and scaled to whole numbers by 2²². A pass whose size does not change is left out. (Pillow 12,
 * {@code Resample.c}.)
 */
public final class Resampling {
  private static final int PRECISION = 22;
  private static final int WEIGHTS_AT_ONCE = 1 << 16;

  private Resampling() {}

  /** The interpolation function f. */
  public enum Filter {
    /** 1 within half a pixel; Pillow's filter 4. */
    BOX(0.5) {
      @Override
      double at(double x) {
        return x > -0.5 && x <= 0.5 ? 1 : 0;
      }
    },
    /** The tent {@code 1 − |x|}; Pillow's filter 2. */
    BILINEAR(1) {
      @Override
      double at(double x) {
        double distance = Math.abs(x);
        return distance < 1 ? 1 - distance : 0;
      }
    },
    /** Keys' cubic with a = −0.5; Pillow's filter 3. */
    BICUBIC(2) {
      @Override
      double at(double x) {
        double a = -0.5;
        double distance = Math.abs(x);
        if (distance < 1) {
          return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
        }
        if (distance < 2) {
          return (((distance - 5) * distance + 8) * distance - 4) * a;
        }
        return 0;
      }
    },
    /** A sinc under a Hamming window of one pixel; Pillow's filter 5. */
    HAMMING(1) {
      @Override
      double at(double x) {
        double distance = Math.abs(x);
        return distance < 1 ? sinc(distance) * (0.54 + 0.46 * Math.cos(distance * Math.PI)) : 0;
      }
    },
    /** A sinc under the main lobe of a sinc three times as wide; Pillow's filter 1. */
    LANCZOS(3) {
      @Override
      double at(double x) {
        return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
      }
    };

    private final double support;

    Filter(double support) {
      this.support = support;
    }

    abstract double at(double x);

    private static double sinc(double x) {
      return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
    }
  }

  /**
   * The whole image at another size.
   *
   * @throws IllegalArgumentException if the size is not positive or beyond what an array holds
   */
  public static RgbImage resize(RgbImage image, int width, int height, Filter filter) {
    return resizeAndCrop(image, width, height, 0, 0, width, height, filter);
  }

  /**
   * A part of the image at another size: equal to {@code crop(resize(image, width, height, filter),
   * left, top, cropWidth, cropHeight)} at the cost of the part alone. A panorama that would be
   * 149,333 pixels wide costs its 224 columns.
   *
   * @throws IllegalArgumentException if the size is not positive or the part is not within it
   */
  public static RgbImage resizeAndCrop(
      RgbImage image,
      int width,
      int height,
      int left,
      int top,
      int cropWidth,
      int cropHeight,
      Filter filter) {
    Objects.requireNonNull(filter, "filter");
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("a size must be positive, not " + width + " x " + height);
    }
    requirePart(width, height, left, top, cropWidth, cropHeight);
    Pass rows = new Pass(image.height(), height, filter);
    Pass columns = new Pass(image.width(), width, filter);
    int firstRow = rows.first(top);
    int neededRows = rows.end(top + cropHeight - 1) - firstRow;
    byte[] narrowed =
        columns.changesNothing()
            ? cropped(image, left, firstRow, cropWidth, neededRows)
            : resizeColumns(image, columns, left, cropWidth, firstRow, neededRows);
    byte[] pixels =
        rows.changesNothing()
            ? narrowed
            : resizeRows(narrowed, cropWidth, rows, top, cropHeight, firstRow);
    return new RgbImage(cropWidth, cropHeight, pixels);
  }

  /**
   * A part of the image.
   *
   * @throws IllegalArgumentException if the part is not within the image
   */
  public static RgbImage crop(RgbImage image, int left, int top, int width, int height) {
    requirePart(image.width(), image.height(), left, top, width, height);
    return new RgbImage(width, height, cropped(image, left, top, width, height));
  }

  /**
   * The image made smaller, its shape kept, until it fits; an image that fits is returned as it is.
   */
  public static RgbImage fit(RgbImage image, int maxWidth, int maxHeight, Filter filter) {
    if (maxWidth < 1 || maxHeight < 1) {
      throw new IllegalArgumentException(
          "a size must be positive, not " + maxWidth + " x " + maxHeight);
    }
    if (image.width() <= maxWidth && image.height() <= maxHeight) {
      return image;
    }
    double factor =
        Math.min((double) maxWidth / image.width(), (double) maxHeight / image.height());
    int width = (int) Math.min(maxWidth, Math.max(1, Math.round(image.width() * factor)));
    int height = (int) Math.min(maxHeight, Math.max(1, Math.round(image.height() * factor)));
    return resize(image, width, height, filter);
  }

  private static void requirePart(
      int width, int height, int left, int top, int partWidth, int partHeight) {
    if (left < 0
        || top < 0
        || partWidth < 1
        || partHeight < 1
        || partWidth > width - left
        || partHeight > height - top
        || (long) partWidth * partHeight * 3 > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          ("the part of %d x %d at (%d, %d) is not within an image of %d x %d, or too large")
              .formatted(partWidth, partHeight, left, top, width, height));
    }
  }

  private static byte[] cropped(RgbImage image, int left, int top, int width, int height) {
    if (width == image.width() && height == image.height()) {
      return image.pixels();
    }
    byte[] part = new byte[width * height * 3];
    for (int y = 0; y < height; y++) {
      System.arraycopy(
          image.pixels(), ((top + y) * image.width() + left) * 3, part, y * width * 3, width * 3);
    }
    return part;
  }

  private static byte[] resizeColumns(
      RgbImage image, Pass pass, int left, int width, int firstRow, int rows) {
    byte[] in = image.pixels();
    byte[] out = new byte[rows * width * 3];
    // The weights of a few columns at a time: all of those of an image a hundred million pixels
    // wide
    // would need more memory than the image.
    int columnsAtOnce = Math.max(1, Math.min(width, WEIGHTS_AT_ONCE / pass.most()));
    int[] weights = new int[columnsAtOnce * pass.most()];
    for (int from = 0; from < width; from += columnsAtOnce) {
      int to = Math.min(width, from + columnsAtOnce);
      for (int x = from; x < to; x++) {
        pass.weights(left + x, weights, (x - from) * pass.most());
      }
      for (int y = 0; y < rows; y++) {
        int row = (firstRow + y) * image.width() * 3;
        int o = (y * width + from) * 3;
        for (int x = from; x < to; x++) {
          int first = pass.first(left + x);
          int red = 1 << (PRECISION - 1);
          int green = red;
          int blue = red;
          int i = row + first * 3;
          int k = (x - from) * pass.most();
          for (int end = k + pass.end(left + x) - first; k < end; k++, i += 3) {
            int weight = weights[k];
            red += (in[i] & 0xff) * weight;
            green += (in[i + 1] & 0xff) * weight;
            blue += (in[i + 2] & 0xff) * weight;
          }
          out[o++] = clip(red);
          out[o++] = clip(green);
          out[o++] = clip(blue);
        }
      }
    }
    return out;
  }

  private static byte[] resizeRows(
      byte[] in, int width, Pass pass, int top, int height, int firstRow) {
    int stride = width * 3;
    byte[] out = new byte[height * stride];
    int[] weights = new int[pass.most()];
    int[] sums = new int[stride];
    for (int y = 0; y < height; y++) {
      pass.weights(top + y, weights, 0);
      int first = pass.first(top + y);
      int count = pass.end(top + y) - first;
      Arrays.fill(sums, 1 << (PRECISION - 1));
      for (int k = 0; k < count; k++) {
        int weight = weights[k];
        int i = (first - firstRow + k) * stride;
        for (int x = 0; x < stride; x++) {
          sums[x] += (in[i + x] & 0xff) * weight;
        }
      }
      for (int x = 0; x < stride; x++) {
        out[y * stride + x] = clip(sums[x]);
      }
    }
    return out;
  }

  private static byte clip(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> PRECISION));
  }

  /** Which inputs take part in each output of one pass, and with which weights. */
  private static final class Pass {
    private final int in;
    private final Filter filter;
    private final double scale;
    private final double filterScale;
    private final double support;
    private final boolean changesNothing;
    private final double[] row;

    Pass(int in, int out, Filter filter) {
      this.in = in;
      this.filter = filter;
      changesNothing = in == out;
      scale = (double) in / out;
      filterScale = Math.max(scale, 1);
      support = filter.support * filterScale;
      row = new double[changesNothing ? 0 : most()];
    }

    boolean changesNothing() {
      return changesNothing;
    }

    /** The most inputs that an output has. */
    int most() {
      return (int) Math.ceil(support) * 2 + 1;
    }

    int first(int output) {
      if (changesNothing) {
        return output;
      }
      return Math.max(0, (int) ((output + 0.5) * scale - support + 0.5));
    }

    int end(int output) {
      if (changesNothing) {
        return output + 1;
      }
      return Math.min(in, (int) ((output + 0.5) * scale + support + 0.5));
    }

    void weights(int output, int[] weights, int offset) {
      double centre = (output + 0.5) * scale;
      double inverse = 1 / filterScale;
      int first = first(output);
      int count = end(output) - first;
      double sum = 0;
      for (int j = 0; j < count; j++) {
        row[j] = filter.at((first + j - centre + 0.5) * inverse);
        sum += row[j];
      }
      for (int j = 0; j < count; j++) {
        double weight = sum == 0 ? row[j] : row[j] / sum;
        weights[offset + j] = (int) (weight * (1 << PRECISION) + (weight < 0 ? -0.5 : 0.5));
      }
    }
  }
}
