package org.equipoise.encoders.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.equipoise.core.Names;
import org.equipoise.core.WrongUseException;
import org.equipoise.media.Resampling;
import org.equipoise.media.RgbImage;

/**
 * From decoded pixels to what an image network takes, as its {@code preprocessor_config.json} says:
 * resize, cut out the middle, rescale, normalise, channels first. What the file leaves out is as in
 * the image processor of Hugging Face transformers that the file names.
 */
final class ImagePreparation {
  private static final int CHANNELS = 3;
  private static final int LEVELS = 256;
  private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);
  private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
  private static final List<Double> CLIP_STD = List.of(0.26862954, 0.26130258, 0.27577711);

  /** From here on ConvNext squeezes images to a square and cuts nothing off. */
  private static final int CONVNEXT_SQUEEZES = 384;

  /** Filters by Pillow's numbers. */
  private static final List<String> FILTERS =
      List.of("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming");

  /** Steps that are known; any other that a file asks for would change pixels. */
  private static final Set<String> STEPS =
      Set.of("do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb");

  /** The longest edge of what a network takes. */
  private static final int LONGEST_EDGE = 8192;

  /**
   * What a processor does where its file says nothing.
   *
   * @param square whether a size that is one number means both edges, not the shorter
   * @param size that number
   * @param resample Pillow's number of the filter
   * @param crop the edge of the middle that is cut out; 0 for none
   * @param cropSize its edge where the file asks for a crop and does not say
   * @param mean of each channel
   * @param std standard deviation of each channel
   */
  private record Defaults(
      boolean square,
      int size,
      int resample,
      boolean crop,
      int cropSize,
      List<Double> mean,
      List<Double> std) {}

  private static final Map<String, Defaults> PROCESSORS =
      new TreeMap<>(
          Map.of(
              "CLIP", new Defaults(false, 224, 3, true, 224, CLIP_MEAN, CLIP_STD),
              "ChineseCLIP", new Defaults(false, 224, 3, true, 224, CLIP_MEAN, CLIP_STD),
              "Bit", new Defaults(false, 224, 3, true, 224, CLIP_MEAN, CLIP_STD),
              "ViT", new Defaults(true, 224, 2, false, 224, HALF, HALF),
              "Siglip", new Defaults(true, 224, 3, false, 224, HALF, HALF),
              "DeiT", new Defaults(true, 256, 3, true, 224, HALF, HALF),
              "Beit", new Defaults(true, 224, 3, false, 224, HALF, HALF),
              "Blip", new Defaults(true, 384, 3, false, 384, CLIP_MEAN, CLIP_STD),
              "ConvNext", new Defaults(false, 384, 3, false, 384, HALF, HALF),
              "EfficientNet", new Defaults(true, 346, 3, false, 289, HALF, HALF)));

  /** Which processor a kind of model comes with, where its file names none. */
  private static final Map<String, String> OF_MODELS =
      Map.ofEntries(
          Map.entry("clip", "CLIP"),
          Map.entry("chinese_clip", "ChineseCLIP"),
          Map.entry("siglip", "Siglip"),
          Map.entry("vit", "ViT"),
          Map.entry("swin", "ViT"),
          Map.entry("swinv2", "ViT"),
          Map.entry("deit", "DeiT"),
          Map.entry("beit", "Beit"),
          Map.entry("bit", "Bit"),
          Map.entry("blip", "Blip"),
          Map.entry("dinov2", "Bit"),
          Map.entry("convnext", "ConvNext"),
          Map.entry("convnextv2", "ConvNext"),
          Map.entry("resnet", "ConvNext"),
          Map.entry("efficientnet", "EfficientNet"));

  private sealed interface Resize {}

  private record Exact(int width, int height) implements Resize {}

  private record ShortestEdge(int edge) implements Resize {}

  private record Never() implements Resize {}

  private final Resize resize;
  private final String filter;
  private final int width;
  private final int height;
  private final float[][] tables;

  private ImagePreparation(Resize resize, String filter, int width, int height, float[][] tables) {
    this.resize = resize;
    this.filter = filter;
    this.width = width;
    this.height = height;
    this.tables = tables;
  }

  /**
   * Reads a configuration.
   *
   * @param json {@code preprocessor_config.json}, or the part {@code image_processor} of {@code
   *     processor_config.json}
   * @param modelType the kind of model, which decides where the file names no processor
   * @param file for messages
   * @throws WrongUseException if it asks for what is not known here; the message names file and key
   */
  static ImagePreparation read(JsonNode json, String modelType, String file) {
    return new Reader(json, file).read(modelType);
  }

  /** Width of what the network takes, in pixels. */
  int width() {
    return width;
  }

  /** Height of what the network takes, in pixels. */
  int height() {
    return height;
  }

  /** The pixels after resize and crop. */
  RgbImage prepare(RgbImage image) {
    int wide = image.width();
    int high = image.height();
    if (resize instanceof Exact exact) {
      wide = exact.width;
      high = exact.height;
    } else if (resize instanceof ShortestEdge shortest) {
      // the longer edge is cut down, not rounded
      wide = edge(shortest.edge, image.width(), image.height());
      high = edge(shortest.edge, image.height(), image.width());
    }
    int cropWidth = Math.min(width, wide);
    int cropHeight = Math.min(height, high);
    RgbImage part =
        resized(
            image,
            wide,
            high,
            (wide - cropWidth) / 2,
            (high - cropHeight) / 2,
            cropWidth,
            cropHeight);
    return cropWidth == width && cropHeight == height ? part : padded(part);
  }

  private static int edge(int shortest, int edge, int other) {
    return edge <= other ? shortest : (int) ((long) shortest * edge / other);
  }

  private RgbImage resized(
      RgbImage image, int wide, int high, int left, int top, int cropWidth, int cropHeight) {
    return filter.equals("nearest")
        ? nearest(image, wide, high, left, top, cropWidth, cropHeight)
        : Resampling.resizeAndCrop(
            image,
            wide,
            high,
            left,
            top,
            cropWidth,
            cropHeight,
            Resampling.Filter.valueOf(filter.toUpperCase(Locale.ROOT)));
  }

  /** As Pillow does it: one pixel for one, places added up in double precision. */
  private static RgbImage nearest(
      RgbImage image, int wide, int high, int left, int top, int cropWidth, int cropHeight) {
    int[] columns = places(image.width(), wide);
    int[] rows = places(image.height(), high);
    byte[] pixels = new byte[cropWidth * cropHeight * CHANNELS];
    for (int y = 0; y < cropHeight; y++) {
      for (int x = 0; x < cropWidth; x++) {
        int from = (rows[top + y] * image.width() + columns[left + x]) * CHANNELS;
        System.arraycopy(image.pixels(), from, pixels, (y * cropWidth + x) * CHANNELS, CHANNELS);
      }
    }
    return new RgbImage(cropWidth, cropHeight, pixels);
  }

  private static int[] places(int in, int out) {
    int[] places = new int[out];
    double scale = (double) in / out;
    double place = scale * 0.5;
    for (int i = 0; i < out; i++) {
      places[i] = Math.min(in - 1, (int) place);
      place += scale;
    }
    return places;
  }

  /** In the middle of black; an odd pixel goes to the left and to the top. */
  private RgbImage padded(RgbImage part) {
    byte[] pixels = new byte[width * height * CHANNELS];
    int left = (width - part.width() + 1) / 2;
    int top = (height - part.height() + 1) / 2;
    for (int y = 0; y < part.height(); y++) {
      System.arraycopy(
          part.pixels(),
          y * part.width() * CHANNELS,
          pixels,
          ((top + y) * width + left) * CHANNELS,
          part.width() * CHANNELS);
    }
    return new RgbImage(width, height, pixels);
  }

  /**
   * Writes {@code pixel_values} of a prepared image.
   *
   * @param values gets {@code [3, height, width]} from {@code offset} on
   */
  void write(RgbImage prepared, float[] values, int offset) {
    byte[] pixels = prepared.pixels();
    int plane = width * height;
    float[] red = tables[0];
    float[] green = tables[1];
    float[] blue = tables[2];
    for (int i = 0, p = 0; i < plane; i++, p += CHANNELS) {
      values[offset + i] = red[pixels[p] & 0xff];
      values[offset + plane + i] = green[pixels[p + 1] & 0xff];
      values[offset + 2 * plane + i] = blue[pixels[p + 2] & 0xff];
    }
  }

  /** Reads one file. */
  private static final class Reader {
    private final JsonNode json;
    private final String file;

    Reader(JsonNode json, String file) {
      this.json = json;
      this.file = file;
    }

    ImagePreparation read(String modelType) {
      if (!json.isObject()) {
        throw wrong("must hold keys and values", json);
      }
      for (String step : (Iterable<String>) json::fieldNames) {
        if (step.startsWith("do_") && !STEPS.contains(step) && flag(step, false)) {
          throw new WrongUseException(
              "%s asks for %s, which this program does not do; use another model"
                  .formatted(file, step));
        }
      }
      String processor = processor(modelType);
      Defaults defaults = PROCESSORS.get(processor);
      boolean crops = flag("do_center_crop", defaults.crop);
      Exact crop = crops ? cropSize(defaults) : new Exact(0, 0);
      Resize resize = new Never();
      if (flag("do_resize", true)) {
        resize = size(defaults);
        if (processor.equals("ConvNext") && resize instanceof ShortestEdge shortest) {
          int edge = shortest.edge;
          crops = true;
          crop = new Exact(edge, edge);
          resize = edge < CONVNEXT_SQUEEZES ? new ShortestEdge((int) (edge / cropShare())) : crop;
        }
      }
      if (!crops) {
        if (!(resize instanceof Exact exact)) {
          throw new WrongUseException(
              file
                  + " neither resizes images to one size nor crops them, so that they cannot run"
                  + " together: give 'size' both 'height' and 'width', or set 'do_center_crop'");
        }
        crop = exact;
      }
      return new ImagePreparation(
          resize, filter(defaults), crop.width, crop.height, tables(defaults, processor));
    }

    private String processor(String modelType) {
      for (String key : List.of("image_processor_type", "feature_extractor_type")) {
        String type = json.path(key).asText("");
        if (!type.isEmpty()) {
          String name = type.replaceFirst("(ImageProcessor(Fast|Pil)?|FeatureExtractor)$", "");
          if (!PROCESSORS.containsKey(name)) {
            throw Names.unknown(
                "'" + key + "' in " + file,
                type,
                PROCESSORS.keySet().stream().map(known -> known + "ImageProcessor").toList());
          }
          return name;
        }
      }
      String ofModel = OF_MODELS.get(modelType);
      if (ofModel == null) {
        throw new WrongUseException(
            "%s names no 'image_processor_type', and a model of type '%s' has none that is known; add one of: %s"
                .formatted(
                    file,
                    modelType,
                    String.join(
                        ", ",
                        PROCESSORS.keySet().stream()
                            .map(name -> name + "ImageProcessor")
                            .toList())));
      }
      return ofModel;
    }

    private boolean flag(String key, boolean otherwise) {
      JsonNode given = json.path(key);
      if (given.isMissingNode() || given.isNull()) {
        return otherwise;
      }
      if (!given.isBoolean()) {
        throw wrong("'" + key + "' must be true or false", given);
      }
      return given.booleanValue();
    }

    private double number(String key, double otherwise) {
      JsonNode given = json.path(key);
      return given.isMissingNode() || given.isNull() ? otherwise : finite(key, given);
    }

    private double finite(String key, JsonNode given) {
      if (!given.isNumber() || !Float.isFinite(given.floatValue())) {
        throw wrong("'" + key + "' must hold numbers", given);
      }
      return given.doubleValue();
    }

    private double cropShare() {
      double share = number("crop_pct", 224.0 / 256);
      if (share < 0.1 || share > 1) {
        throw wrong("'crop_pct' must be from 0.1 to 1", json.path("crop_pct"));
      }
      return share;
    }

    private WrongUseException wrong(String rule, JsonNode given) {
      return new WrongUseException("%s: %s, not %s".formatted(file, rule, given));
    }

    private Resize size(Defaults defaults) {
      JsonNode size = json.path("size");
      if (size.isInt()) {
        return positive(size).isPresent() ? edge(defaults, size.asInt()) : wrongSize("size", size);
      }
      if (size.isArray() && size.size() == 2) {
        return exact("size", size.path(0), size.path(1));
      }
      if (size.isMissingNode() || size.isNull()) {
        return edge(defaults, defaults.size);
      }
      if (size.has("shortest_edge") && !size.has("longest_edge")) {
        return positive(size.path("shortest_edge")).isPresent()
            ? new ShortestEdge(size.path("shortest_edge").asInt())
            : wrongSize("size", size);
      }
      return exact("size", size.path("height"), size.path("width"));
    }

    private static Resize edge(Defaults defaults, int edge) {
      return defaults.square ? new Exact(edge, edge) : new ShortestEdge(edge);
    }

    private Exact cropSize(Defaults defaults) {
      JsonNode size = json.path("crop_size");
      if (size.isMissingNode() || size.isNull()) {
        return new Exact(defaults.cropSize, defaults.cropSize);
      }
      if (size.isInt()) {
        return exact("crop_size", size, size);
      }
      if (size.isArray() && size.size() == 2) {
        return exact("crop_size", size.path(0), size.path(1));
      }
      return exact("crop_size", size.path("height"), size.path("width"));
    }

    private Exact exact(String key, JsonNode height, JsonNode width) {
      OptionalInt high = positive(height);
      OptionalInt wide = positive(width);
      if (high.isEmpty() || wide.isEmpty()) {
        throw wrongSizeException(key, json.path(key));
      }
      return new Exact(wide.getAsInt(), high.getAsInt());
    }

    private static OptionalInt positive(JsonNode node) {
      boolean edge = node.isInt() && node.asInt() > 0 && node.asInt() <= LONGEST_EDGE;
      return edge ? OptionalInt.of(node.asInt()) : OptionalInt.empty();
    }

    private Resize wrongSize(String key, JsonNode given) {
      throw wrongSizeException(key, given);
    }

    private WrongUseException wrongSizeException(String key, JsonNode given) {
      return new WrongUseException(
          "%s: '%s' is %s; known are a number, {\"height\": h, \"width\": w}%s, of at most %d pixels"
              .formatted(
                  file,
                  key,
                  given,
                  key.equals("size") ? " and {\"shortest_edge\": n}" : "",
                  LONGEST_EDGE));
    }

    private String filter(Defaults defaults) {
      JsonNode given = json.path("resample");
      if (given.isMissingNode() || given.isNull()) {
        return FILTERS.get(defaults.resample);
      }
      String name =
          given.isInt() && given.asInt() >= 0 && given.asInt() < FILTERS.size()
              ? FILTERS.get(given.asInt())
              : given.asText().replaceFirst(".*\\.", "").toLowerCase(Locale.ROOT);
      if (!FILTERS.contains(name)) {
        List<String> known = new ArrayList<>();
        for (int i = 0; i < FILTERS.size(); i++) {
          known.add(i + " (" + FILTERS.get(i) + ")");
        }
        throw new WrongUseException(
            "%s: unknown 'resample' %s; known are the filters of Pillow: %s"
                .formatted(file, given, String.join(", ", known)));
      }
      return name;
    }

    /**
     * For each channel what each of its 256 levels becomes, in the steps and precision of numpy.
     */
    private float[][] tables(Defaults defaults, String processor) {
      boolean rescales = flag("do_rescale", true);
      boolean normalises = flag("do_normalize", true);
      double factor = number("rescale_factor", 1.0 / 255);
      if (factor == 0) {
        throw wrong("'rescale_factor' must not be 0", json.path("rescale_factor"));
      }
      boolean offset = processor.equals("EfficientNet") && flag("rescale_offset", false);
      boolean again = processor.equals("EfficientNet") && flag("include_top", true);
      List<Double> mean = channels("image_mean", defaults.mean);
      List<Double> std = channels("image_std", defaults.std);
      if (std.stream().anyMatch(deviation -> deviation.floatValue() <= 0)) {
        throw wrong("'image_std' must be above 0", json.path("image_std"));
      }
      float[][] tables = new float[CHANNELS][LEVELS];
      for (int channel = 0; channel < CHANNELS; channel++) {
        float deviation = std.get(channel).floatValue();
        for (int level = 0; level < LEVELS; level++) {
          float value = level;
          if (rescales) {
            value = (float) (level * factor) - (offset ? 1 : 0);
          }
          if (normalises) {
            value = (value - mean.get(channel).floatValue()) / deviation;
          }
          tables[channel][level] = again ? value / deviation : value;
        }
      }
      return tables;
    }

    private List<Double> channels(String key, List<Double> otherwise) {
      JsonNode given = json.path(key);
      if (given.isMissingNode() || given.isNull()) {
        return otherwise;
      }
      if (given.isNumber()) {
        double all = finite(key, given);
        return List.of(all, all, all);
      }
      if (given.size() != CHANNELS) {
        throw new WrongUseException(
            "%s: '%s' must hold one number for each of red, green and blue, not %s"
                .formatted(file, key, given));
      }
      return List.of(
          finite(key, given.path(0)), finite(key, given.path(1)), finite(key, given.path(2)));
    }
  }
}
