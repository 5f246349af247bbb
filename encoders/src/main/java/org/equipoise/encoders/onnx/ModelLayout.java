package org.equipoise.encoders.onnx;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.equipoise.core.Modality;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.encoders.hub.ExternalData;
import org.equipoise.encoders.hub.ModelFiles;

/**
 * Which of a model's files one view needs.
 *
 * @param modality that it reads
 * @param config what {@code config.json} says
 * @param graph the path of the ONNX file
 * @param files the paths of all files that are needed, the graph among them
 */
record ModelLayout(Modality modality, ModelConfig config, String graph, List<String> files) {
  static final String CONFIG = "config.json";
  static final String TOKENIZER = "tokenizer.json";
  static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  static final String PREPROCESSOR = "preprocessor_config.json";
  static final String PROCESSOR = "processor_config.json";
  static final String POOLING = "1_Pooling/config.json";

  private static final String ONNX = ".onnx";
  private static final List<String> FOLDERS = List.of("onnx/", "");
  private static final Map<String, List<String>> SUFFIXES =
      Map.of("fp32", List.of(""), "fp16", List.of("_fp16"), "int8", List.of("_quantized", "_int8"));

  /**
   * Chooses by the settings, by {@code config.json} (which is fetched) and by what files there are.
   *
   * @throws WrongUseException if nothing fits; the message says what is there and what to do
   */
  static ModelLayout of(ModelFiles model, Settings settings) {
    List<String> graphs = model.list().stream().filter(path -> path.endsWith(ONNX)).toList();
    if (graphs.isEmpty()) {
      throw new WrongUseException(
          ("%s holds no ONNX file (such as onnx/model.onnx). Export one: pip install"
                  + " optimum[onnxruntime] && optimum-cli export onnx --model %s --task"
                  + " feature-extraction FOLDER, then name FOLDER as the encoder")
              .formatted(model.name(), model.name()));
    }
    ModelConfig config = ModelConfig.read(model.get(CONFIG));
    Modality modality = modality(model, config, settings.get(OnnxEncoders.MODALITY));
    String graph = graph(model, graphs, config, modality, settings.get(OnnxEncoders.GRAPH));
    Set<String> files = new LinkedHashSet<>(List.of(CONFIG, graph));
    files.addAll(ExternalData.of(graph, model.list()));
    List<String> wanted =
        modality == Modality.TEXT
            ? List.of(TOKENIZER, TOKENIZER_CONFIG, POOLING)
            : List.of(PREPROCESSOR, PROCESSOR);
    wanted.stream().filter(model::has).forEach(files::add);
    return new ModelLayout(modality, config, graph, List.copyOf(files));
  }

  private static Modality modality(ModelFiles model, ModelConfig config, String asked) {
    boolean text = config.reads(Modality.TEXT);
    boolean image = config.reads(Modality.IMAGE);
    if (!text && !image) {
      text = model.has(TOKENIZER);
      image = model.has(PREPROCESSOR);
    }
    if (asked.equals(OnnxEncoders.AUTO)) {
      if (text && image) {
        throw new WrongUseException(
            model.name()
                + " reads both texts and images: say which under 'settings' of the view, with"
                + " 'modality: text' or 'modality: image'");
      }
      if (!text && !image) {
        throw new WrongUseException(
            ("%s does not say whether it reads texts or images: it has neither %s nor %s, and its"
                    + " config.json names neither 'vocab_size' nor 'image_size'")
                .formatted(model.name(), TOKENIZER, PREPROCESSOR));
      }
      return text ? Modality.TEXT : Modality.IMAGE;
    }
    Modality modality = Modality.valueOf(asked.toUpperCase(Locale.ROOT));
    if (modality == Modality.TEXT ? !text : !image) {
      throw new WrongUseException(
          "%s reads %s only, not %ss (its config.json, model_type '%s')"
              .formatted(
                  model.name(), text ? "texts" : "images", modality.id(), config.modelType()));
    }
    return modality;
  }

  private static String graph(
      ModelFiles model, List<String> graphs, ModelConfig config, Modality modality, String asked) {
    if (asked.endsWith(ONNX)) {
      if (!graphs.contains(asked)) {
        throw noGraph(model, "no file " + asked, graphs);
      }
      return asked;
    }
    for (String variant : variants(model, asked, graphs)) {
      Optional<String> found = find(graphs, config, modality, variant);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw noGraph(model, "no graph '" + asked + "' for " + modality.id() + "s", graphs);
  }

  private static WrongUseException noGraph(ModelFiles model, String what, List<String> graphs) {
    return new WrongUseException(
        "%s has %s; set 'graph' to one of its ONNX files: %s"
            .formatted(model.name(), what, String.join(", ", graphs)));
  }

  private static List<String> variants(ModelFiles model, String asked, List<String> graphs) {
    if (asked.equals(OnnxEncoders.AUTO)) {
      return fastInt8() ? List.of("int8", "fp32", "fp16") : List.of("fp32", "int8", "fp16");
    }
    if (!SUFFIXES.containsKey(asked)) {
      throw noGraph(
          model, "no graph '" + asked + "' (known words: auto, fp16, fp32, int8)", graphs);
    }
    return List.of(asked);
  }

  private static Optional<String> find(
      List<String> graphs, ModelConfig config, Modality modality, String variant) {
    String half = modality == Modality.TEXT ? "text_model" : "vision_model";
    List<String> stems = config.hasTowers() ? List.of(half, "model") : List.of("model", half);
    List<String> candidates = new ArrayList<>();
    for (String stem : stems) {
      for (String folder : FOLDERS) {
        for (String suffix : SUFFIXES.get(variant)) {
          candidates.add(folder + stem + suffix + ONNX);
        }
      }
    }
    return candidates.stream().filter(graphs::contains).findFirst();
  }

  /**
   * Whether the processor multiplies 8-bit numbers faster than fractions: VNNI on x86, dot products
   * on ARM.
   */
  private static boolean fastInt8() {
    if (System.getProperty("os.name").startsWith("Mac")) {
      return System.getProperty("os.arch").equals("aarch64");
    }
    Path cpu = Path.of("/proc/cpuinfo");
    try {
      String flags = Files.isReadable(cpu) ? Files.readString(cpu, StandardCharsets.UTF_8) : "";
      return flags.contains("avx512_vnni")
          || flags.contains("avx_vnni")
          || flags.contains("asimddp");
    } catch (IOException e) {
      return false;
    }
  }
}
