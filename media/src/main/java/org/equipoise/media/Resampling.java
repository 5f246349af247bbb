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

  /** Enough for vector instructions to pay, few enough to stay in the cache. */
  private static final int ROWS_AT_ONCE = 128;

  /** Very wide results take fewer rows at once. */
  private static final int VALUES_AT_ONCE = 1 << 20;

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
    Pass columns = new Pass(image.width(), width, filter);
    Pass rows = new Pass(image.height(), height, filter);
    if (columns.changesNothing() && rows.changesNothing()) {
      return new RgbImage(cropWidth, cropHeight, cropped(image, left, top, cropWidth, cropHeight));
    }
    byte[] pixels = new byte[cropWidth * cropHeight * 3];
    int[] row = new int[cropWidth * 3];
    Sums down =
        new Sums(rows, top, cropHeight, row.length, (y, sums) -> store(sums, pixels, y, row));
    Part part = new Part(image, left, cropWidth, rows.first(top), rows.end(top + cropHeight - 1));
    if (columns.changesNothing()) {
      part.copyRows(down);
    } else {
      part.resizeColumns(columns, down);
    }
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

  /** One finished row of sums as the bytes of row {@code y}. */
  private static void store(int[] sums, byte[] pixels, int y, int[] row) {
    clip(sums, row);
    int o = y * row.length;
    for (int x = 0; x < row.length; x++) {
      pixels[o + x] = (byte) row[x];
    }
  }

  /** Rounded and brought into 0 to 255; without min and max, which would not be vectorised. */
  private static void clip(int[] sums, int[] values) {
    for (int i = 0; i < values.length; i++) {
      int below = 255 - (sums[i] >> PRECISION);
      int least = 255 - (below & ~(below >> 31));
      values[i] = least & ~(least >> 31);
    }
  }

  /** The rows and columns of an image that take part. */
  private record Part(RgbImage image, int left, int width, int firstRow, int endRow) {
    /** Hands on the rows as they are. */
    void copyRows(Sums down) {
      byte[] in = image.pixels();
      int[] row = new int[width * 3];
      for (int y = firstRow; y < endRow; y++) {
        int from = (y * image.width() + left) * 3;
        for (int x = 0; x < row.length; x++) {
          row[x] = in[from + x] & 0xff;
        }
        down.add(y, row);
      }
    }

    /**
     * Makes the rows narrower or wider and hands them on, a block of rows at a time: what is summed
     * are columns, in which the values of one channel of the block's rows lie side by side.
     */
    void resizeColumns(Pass columns, Sums down) {
      byte[] in = image.pixels();
      int stride = image.width() * 3;
      int end = columns.end(left + width - 1);
      int atOnce = Math.max(1, Math.min(ROWS_AT_ONCE, VALUES_AT_ONCE / (width * 3)));
      // Blocks of one height: a short last one would cost as much as the others.
      int blocks = (endRow - firstRow - 1) / atOnce + 1;
      int most = (endRow - firstRow - 1) / blocks + 1;
      int[] column = new int[most * 3];
      int[] clipped = new int[most * 3];
      int[][] narrowed = new int[most][width * 3];
      Sums across =
          new Sums(
              columns,
              left,
              width,
              most * 3,
              (x, sums) -> {
                clip(sums, clipped);
                scatter(clipped, narrowed, most, x * 3);
              });
      for (int y = firstRow; y < endRow; y += most) {
        int rows = Math.min(most, endRow - y);
        across.restart();
        for (int x = columns.first(left); x < end; x++) {
          gather(in, y * stride + x * 3, stride, rows, most, column);
          across.add(x, column);
        }
        for (int r = 0; r < rows; r++) {
          down.add(y + r, narrowed[r]);
        }
      }
    }
  }

  /** One column of pixels: its red values, then from {@code most} on its green, then its blue. */
  private static void gather(byte[] in, int from, int stride, int rows, int most, int[] column) {
    for (int r = 0, i = from; r < rows; r++, i += stride) {
      column[r] = in[i] & 0xff;
      column[most + r] = in[i + 1] & 0xff;
      column[2 * most + r] = in[i + 2] & 0xff;
    }
  }

  /** One column of finished pixels into their rows, from value {@code at} on. */
  private static void scatter(int[] column, int[][] rows, int most, int at) {
    for (int r = 0; r < most; r++) {
      int[] row = rows[r];
      row[at] = column[r];
      row[at + 1] = column[most + r];
      row[at + 2] = column[2 * most + r];
    }
  }

  /** Takes a finished output. The array is used again afterwards. */
  @FunctionalInterface
  private interface Finished {
    void accept(int output, int[] sums);
  }

  /**
   * One pass over a part of its outputs. Inputs come one by one, each a vector, and are added to
   * every output that they take part in; the loop over the vector is one that the JIT compiler
   * turns into vector instructions (one index for both arrays; with an offset each it would not).
   */
  private static final class Sums {
    private final Pass pass;
    private final int firstOutput;
    private final int outputs;
    private final Finished finished;
    private final int open;
    private final int[][] sums;
    private final int[] weights;
    private final int[] firsts;
    private final int[] ends;

    /** Outputs from here to {@link #started} wait for more inputs. */
    private int done;

    private int started;

    /**
     * @param firstOutput the first output of the part
     * @param outputs how many there are; they are counted from 0
     * @param length of an input's vector
     */
    Sums(Pass pass, int firstOutput, int outputs, int length, Finished finished) {
      this.pass = pass;
      this.firstOutput = firstOutput;
      this.outputs = outputs;
      this.finished = finished;
      open = Math.min(outputs, pass.mostOutputs());
      sums = new int[open][length];
      weights = new int[open * pass.most()];
      firsts = new int[open];
      ends = new int[open];
    }

    void restart() {
      done = 0;
      started = 0;
    }

    void add(int input, int[] values) {
      while (started < outputs && pass.first(firstOutput + started) <= input) {
        int slot = started % open;
        firsts[slot] = pass.first(firstOutput + started);
        ends[slot] = pass.end(firstOutput + started);
        pass.weights(firstOutput + started, weights, slot * pass.most());
        Arrays.fill(sums[slot], 1 << (PRECISION - 1));
        started++;
      }
      int output = done;
      for (; output + 1 < started; output += 2) {
        int slot = output % open;
        int next = (output + 1) % open;
        addProducts(values, weight(slot, input), sums[slot], weight(next, input), sums[next]);
      }
      if (output < started) {
        int slot = output % open;
        addProducts(values, weight(slot, input), sums[slot]);
      }
      while (done < started && ends[done % open] <= input + 1) {
        finished.accept(done, sums[done % open]);
        done++;
      }
    }

    private int weight(int slot, int input) {
      return weights[slot * pass.most() + input - firsts[slot]];
    }

    /** Two outputs in one loop read the values once. */
    private static void addProducts(
        int[] values, int weight, int[] sums, int nextWeight, int[] nextSums) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += values[i] * weight;
        nextSums[i] += values[i] * nextWeight;
      }
    }

    private static void addProducts(int[] values, int weight, int[] sums) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += values[i] * weight;
      }
    }
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
      row = new double[changesNothing ? 1 : most()];
    }

    boolean changesNothing() {
      return changesNothing;
    }

    /** The most inputs that an output has. */
    int most() {
      return changesNothing ? 1 : (int) Math.ceil(support) * 2 + 1;
    }

    /** The most outputs that one input takes part in, or one or two more. */
    int mostOutputs() {
      return changesNothing ? 1 : (int) Math.min(Integer.MAX_VALUE, 2 * support / scale + 3);
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
      if (changesNothing) {
        weights[offset] = 1 << PRECISION;
        return;
      }
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
