package org.equipoise.encoders.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.View;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;
import org.equipoise.core.io.Reasons;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.EncoderOptions;
import org.equipoise.encoders.EncoderOptions.Device;
import org.equipoise.encoders.hub.ModelFiles;
import org.equipoise.media.RgbImage;

/**
 * Opens encoders of any ONNX model in the hub's layout. What a model is, its {@code config.json}
 * and the inputs and outputs of its graph say, never its name.
 *
 * <p>The pooled feature, where {@code output} does not name another, is the first of these that the
 * graph has:
 *
 * <table>
 * <caption>Default outputs</caption>
 * <tr><th>model</th><th>output</th></tr>
 * <tr><td>text, with sentence-transformers' {@code 1_Pooling/config.json}</td>
 *     <td>{@code last_hidden_state} or {@code token_embeddings}, pooled as the file says</td></tr>
 * <tr><td>text of CLIP, SigLIP, Chinese-CLIP</td>
 *     <td>{@code text_embeds}, {@code pooler_output}</td></tr>
 * <tr><td>text, others (BERT, RoBERTa, XLM-R, BGE, E5, MiniLM)</td>
 *     <td>{@code text_embeds}, {@code sentence_embedding}, the mean of {@code last_hidden_state} or
 *     {@code token_embeddings}, {@code pooler_output}, {@code logits} where they are of the text, not
 *     of each token</td></tr>
 * <tr><td>image of CLIP, SigLIP, Chinese-CLIP</td>
 *     <td>{@code image_embeds}, {@code pooler_output}</td></tr>
 * <tr><td>image, ViT and DeiT</td>
 *     <td>the first token of {@code last_hidden_state} (their {@code pooler_output} is trained in few
 *     checkpoints), {@code pooler_output}, {@code logits}</td></tr>
 * <tr><td>image, others (Swin, ConvNeXt, ResNet, DINOv2)</td>
 *     <td>{@code image_embeds}, {@code pooler_output}, {@code logits}, the mean of {@code
 *     last_hidden_state}</td></tr>
 * </table>
 *
 * <p>Tokens are those of {@code last_hidden_state}, where {@code token_output} names nothing else
 * and the graph has it; else the pooled feature is the one token. Models that hold both halves of
 * CLIP in one graph scale {@code text_embeds} and {@code image_embeds} to unit length; the halves
 * in files of their own do not.
 */
public final class OnnxEncoders {
  static final String AUTO = "auto";

  /** Counted up when features of the same files come to differ. */
  private static final String CODE_VERSION = "onnx 1";

  private static final int LONGEST = 8192;

  /** Longer texts would make opening slow and are rare. */
  private static final int LONG_SAMPLE = 512;

  /** What a network is tried out on; the words do not matter. */
  private static final String SAMPLE_TEXT = "a b c d e f g h";

  static final Setting<String> REVISION =
      Setting.text("revision", "", "the commit, tag or branch of a model of a hub");
  static final Setting<String> MODALITY =
      Setting.choice(
          "modality",
          AUTO,
          List.of(AUTO, "text", "image"),
          "what a model that reads both is to read");
  static final Setting<String> GRAPH =
      Setting.text(
          "graph",
          "fp32",
          "an ONNX file of the model, or fp32, fp16 or int8; auto is int8 where the model has it and"
              + " the processor is fast at it");
  static final Setting<String> OUTPUT =
      Setting.text("output", "", "the graph's output, or a tensor within, that is the feature");
  static final Setting<String> POOLING =
      Setting.choice(
          "pooling",
          AUTO,
          List.of(AUTO, "mean", "first", "none"),
          "how an output with an axis of tokens becomes one feature");
  static final Setting<String> TOKEN_OUTPUT =
      Setting.text("token_output", "", "the graph's output that holds the features of tokens");
  static final Setting<Boolean> NORMALIZE =
      Setting.bool("normalize", false, "scale features to unit length");
  static final Setting<Integer> MAX_TOKENS =
      Setting.integer(
          "max_tokens",
          512,
          2,
          LONGEST,
          "the most tokens of a text, special tokens included; no more than the model has positions");
  static final Setting<String> PREFIX =
      new Setting<>(
          "prefix",
          "a text",
          "",
          "put before each text, spaces kept, such as 'query: ' for E5",
          String::valueOf);

  static final Setting<Boolean> LOWERCASE =
      Setting.bool(
          "lowercase",
          false,
          "lower-case texts, for models that were trained so though their tokenizer does not");

  /** Every setting. */
  public static final Schema SCHEMA =
      Schema.of(
          REVISION,
          MODALITY,
          GRAPH,
          OUTPUT,
          POOLING,
          TOKEN_OUTPUT,
          NORMALIZE,
          MAX_TOKENS,
          PREFIX,
          LOWERCASE);

  /** The revision that settings ask for; empty for the newest. */
  public static String revision(Settings settings) {
    return settings.get(REVISION);
  }

  /**
   * Paths of the files that a view needs of a model. Only {@code config.json} is fetched.
   *
   * @throws WrongUseException if the model has not what is asked for
   */
  public static List<String> files(ModelFiles model, Settings settings) {
    return ModelLayout.of(model, settings).files();
  }

  /**
   * Opens a model; files that are not on this machine are fetched.
   *
   * @param view name of the view
   * @param settings values of {@link #SCHEMA}
   * @throws WrongUseException if the model does not fit; the message names the file and what to do
   */
  public static Encoder open(
      String view,
      Kind kind,
      Form form,
      ModelFiles model,
      Settings settings,
      EncoderOptions options) {
    ModelLayout layout = ModelLayout.of(model, settings);
    model.fetch(layout.files());
    return new OnnxEncoders(view, kind, form, model, layout, settings, options).open();
  }

  /**
   * An encoder of texts by the mean of {@code last_hidden_state}, from a model that is not in the
   * hub's layout. Texts run one at a time.
   *
   * @param info its record
   * @param graph the content of its ONNX file
   * @param tokenizer the content of its {@code tokenizer.json}
   * @param maxTokens the most tokens of a text
   */
  public static Encoder ofTexts(
      EncoderInfo info, Form form, byte[] graph, byte[] tokenizer, int maxTokens) {
    TextPreparation preparation =
        new TextPreparation(
            tokenizer,
            "the tokenizer of " + info.encoder(),
            new TextPreparation.Options(maxTokens, "", false, OptionalInt.empty()));
    try {
      return new OnnxTextEncoder(
          info,
          preparation,
          Network.of("the graph of " + info.encoder(), graph, new Network.Options(1, Device.CPU)),
          new Readout("last_hidden_state", Readout.Pooling.MEAN, false, form),
          0,
          BatchSize.alone(1));
    } catch (RuntimeException e) {
      preparation.close();
      throw e;
    }
  }

  private final String view;
  private final Kind kind;
  private final Form form;
  private final ModelFiles model;
  private final ModelLayout layout;
  private final ModelConfig config;
  private final Settings settings;
  private final EncoderOptions options;
  private final Path graphFile;
  private final OnnxGraph graph;
  private final FeatureChoice choice;

  private OnnxEncoders(
      String view,
      Kind kind,
      Form form,
      ModelFiles model,
      ModelLayout layout,
      Settings settings,
      EncoderOptions options) {
    this.view = view;
    this.kind = kind;
    this.form = form;
    this.model = model;
    this.layout = layout;
    this.config = layout.config();
    this.settings = settings;
    this.options = options;
    graphFile = model.get(layout.graph());
    graph = OnnxGraph.read(graphFile);
    choice = new FeatureChoice(form, model, layout, graph, settings);
  }

  private Encoder open() {
    List<Path> weights = externalWeights();
    String output = choice.output();
    Network network =
        Network.open(
            graphFile,
            graph,
            List.of(output),
            new Network.Options(options.threadsEach().orElse(1), options.device()));
    try {
      return layout.modality() == Modality.TEXT
          ? openText(network, output, weights)
          : openImage(network, output, weights);
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /** Files with weights, all there and long enough. */
  private List<Path> externalWeights() {
    String folder = layout.graph().substring(0, layout.graph().lastIndexOf('/') + 1);
    List<Path> files = new ArrayList<>();
    for (OnnxGraph.ExternalWeights weights : graph.externalWeights()) {
      if (!model.has(folder + weights.location())) {
        throw new WrongUseException(
            "%s keeps weights in %s, which is missing: put it beside it, or fetch the model again"
                .formatted(graph.name(), weights.location()));
      }
      Path file = model.get(folder + weights.location());
      try {
        if (Files.size(file) < weights.end()) {
          throw new WrongUseException(
              "%s is cut short: %d bytes of at least %d; delete it and fetch it again"
                  .formatted(file, Files.size(file), weights.end()));
        }
        if (!file.toRealPath().startsWith(graphFile.toAbsolutePath().getParent().toRealPath())) {
          throw new WrongUseException(
              ("%s is a link out of its folder, and ONNX Runtime does not follow such links to"
                      + " weights: put the file itself there, or name the model by its hub's"
                      + " owner/name")
                  .formatted(file));
        }
      } catch (IOException e) {
        throw new WrongUseException("cannot read " + file + ": " + Reasons.of(e), e);
      }
      files.add(file);
    }
    return files;
  }

  private Encoder openText(Network network, String output, List<Path> weights) {
    requireInput(network, OnnxTextEncoder.INPUTS);
    Path tokenizerFile = model.get(requireFile(ModelLayout.TOKENIZER));
    byte[] tokenizer = bytes(tokenizerFile);
    TokenizerFile ids = TokenizerFile.read(tokenizer, tokenizerFile.toString());
    config
        .vocabulary()
        .ifPresent(
            vocabulary ->
                ids.requireFits(
                    vocabulary,
                    tokenizerFile.toString(),
                    model.get(ModelLayout.CONFIG).toString()));
    if (!network.inputNames().contains(OnnxTextEncoder.IDS)) {
      throw new WrongUseException(
          "output '%s' of %s does not depend on its input '%s': name another with 'output'"
              .formatted(output, graph.name(), OnnxTextEncoder.IDS));
    }
    long[] shape = network.inputShape(OnnxTextEncoder.IDS);
    requireAnyBatch(shape);
    boolean fixedLength = shape.length == 2 && shape[1] > 0;
    if (fixedLength && (shape[1] < 3 || shape[1] > LONGEST)) {
      throw new WrongUseException(
          "%s takes texts of just %d tokens; export it again with a length of any size"
              .formatted(graph.name(), shape[1]));
    }
    int maxTokens = settings.get(MAX_TOKENS);
    maxTokens = Math.min(maxTokens, config.positions().orElse(maxTokens));
    OptionalInt fill = OptionalInt.empty();
    if (fixedLength) {
      maxTokens = (int) shape[1];
      fill = OptionalInt.of(padToken(ids));
    } else if (config.fillsUp()) {
      fill = OptionalInt.of(padToken(ids));
    }
    TextPreparation preparation =
        new TextPreparation(
            tokenizer,
            tokenizerFile.toString(),
            new TextPreparation.Options(
                maxTokens, settings.get(PREFIX), settings.get(LOWERCASE), fill));
    try {
      TextPreparation.Tokens sample = preparation.tokens(SAMPLE_TEXT);
      List<IntFunction<List<Network.Input>>> samples = new ArrayList<>();
      samples.add(count -> textInputs(network, sample, count));
      if (fill.isEmpty() && sample.length() > 1) {
        samples.add(count -> textInputs(network, sample.shorter(), count));
      }
      Probe probe = new Probe(network, output, samples);
      probe.requireRuns(
          textInputs(
              network, preparation.tokens("a ".repeat(Math.min(maxTokens, LONG_SAMPLE))), 1));
      long[] given = probe.shape();
      Readout readout = choice.readout(output, given);
      Map<String, String> record = record(readout);
      record.put(MAX_TOKENS.key(), Integer.toString(maxTokens));
      record.put(PREFIX.key(), settings.get(PREFIX));
      record.put(LOWERCASE.key(), Boolean.toString(settings.get(LOWERCASE)));
      int rows = form == Form.POOLED || given.length == 2 ? 1 : maxTokens;
      EncoderInfo info = info(given, rows, record, weights, Set.of(ModelLayout.TOKENIZER));
      return new OnnxTextEncoder(
          info, preparation, network, readout, config.firstPosition(), batchSize(shape, probe));
    } catch (RuntimeException e) {
      preparation.close();
      throw e;
    }
  }

  private Encoder openImage(Network network, String output, List<Path> weights) {
    if (network.inputNames().size() != 1) {
      requireInput(network, Set.of("pixel_values"));
    }
    String input = network.inputNames().iterator().next();
    long[] shape = network.inputShape(input);
    requireAnyBatch(shape);
    ImagePreparation preparation = imagePreparation();
    if (shape.length != 4
        || shape[1] > 0 && shape[1] != 3
        || shape[2] > 0 && shape[2] != preparation.height()
        || shape[3] > 0 && shape[3] != preparation.width()) {
      throw new WrongUseException(
          "%s takes '%s' of shape %s, but its images are prepared as [B, 3, %d, %d]"
              .formatted(
                  graph.name(),
                  input,
                  Arrays.toString(shape),
                  preparation.height(),
                  preparation.width()));
    }
    Probe probe =
        new Probe(
            network, output, List.of(count -> List.of(noiseInput(network, preparation, count))));
    long[] given = probe.shape();
    Readout readout = choice.readout(output, given);
    int rows = form == Form.POOLED ? 1 : Readout.tokens(given);
    EncoderInfo info =
        info(
            given,
            rows,
            record(readout),
            weights,
            Set.of(ModelLayout.PREPROCESSOR, ModelLayout.PROCESSOR));
    return new OnnxImageEncoder(info, preparation, network, readout, batchSize(shape, probe));
  }

  private ImagePreparation imagePreparation() {
    if (model.has(ModelLayout.PREPROCESSOR)) {
      Path file = model.get(ModelLayout.PREPROCESSOR);
      return ImagePreparation.read(Json.read(file), config.modelType(), file.toString());
    }
    if (model.has(ModelLayout.PROCESSOR)) {
      Path file = model.get(ModelLayout.PROCESSOR);
      JsonNode json = Json.read(file).path("image_processor");
      if (json.isObject()) {
        return ImagePreparation.read(json, config.modelType(), file.toString());
      }
    }
    throw missing(ModelLayout.PREPROCESSOR);
  }

  private String requireFile(String path) {
    if (!model.has(path)) {
      throw missing(path);
    }
    return path;
  }

  private WrongUseException missing(String path) {
    return new WrongUseException(
        ("%s has no %s, which says how to prepare %ss: save it with Python, transformers.%s"
                + ".from_pretrained(\"MODEL\").save_pretrained(\"FOLDER\")")
            .formatted(
                model.name(),
                path,
                layout.modality().id(),
                layout.modality() == Modality.TEXT ? "AutoTokenizer" : "AutoImageProcessor"));
  }

  private void requireInput(Network network, Set<String> known) {
    for (String input : network.inputNames()) {
      if (!known.contains(input)) {
        throw new WrongUseException(
            "%s wants an input '%s', which this program cannot give a model of %ss; known: %s"
                .formatted(
                    graph.name(),
                    input,
                    layout.modality().id(),
                    String.join(", ", known.stream().sorted().toList())));
      }
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new WrongUseException("cannot read " + file + ": " + Reasons.of(e), e);
    }
  }

  /**
   * The id with which texts are filled up: what the tokenizer's configuration names comes first.
   */
  private int padToken(TokenizerFile ids) {
    if (model.has(ModelLayout.TOKENIZER_CONFIG)) {
      JsonNode token = Json.read(model.get(ModelLayout.TOKENIZER_CONFIG)).path("pad_token");
      String content = token.isObject() ? token.path("content").asText("") : token.asText("");
      OptionalInt id = ids.id(content);
      if (id.isPresent()) {
        return id.getAsInt();
      }
    }
    return config
        .padToken()
        .orElseThrow(
            () ->
                new WrongUseException(
                    ("%s fills texts up to one length, but neither its %s names a 'pad_token' of its"
                            + " tokenizer nor its %s a 'pad_token_id'")
                        .formatted(
                            model.name(), ModelLayout.TOKENIZER_CONFIG, ModelLayout.CONFIG)));
  }

  /** So many different texts of the sample's length. */
  private List<Network.Input> textInputs(
      Network network, TextPreparation.Tokens sample, int count) {
    List<TextPreparation.Tokens> texts =
        IntStream.range(0, count).mapToObj(sample::turned).toList();
    return OnnxTextEncoder.inputs(network, texts, config.firstPosition());
  }

  /** So many different images. */
  private static Network.Input noiseInput(
      Network network, ImagePreparation preparation, int count) {
    List<RgbImage> images =
        IntStream.range(0, count).mapToObj(seed -> noise(preparation, seed)).toList();
    return OnnxImageEncoder.input(network, preparation, images);
  }

  private static RgbImage noise(ImagePreparation preparation, long seed) {
    byte[] pixels = new byte[preparation.width() * preparation.height() * 3];
    new Random(seed).nextBytes(pixels);
    return new RgbImage(preparation.width(), preparation.height(), pixels);
  }

  private void requireAnyBatch(long[] inputShape) {
    if (inputShape.length == 0 || inputShape[0] > 1) {
      throw new WrongUseException(
          "%s takes inputs of shape %s; export it again with a batch of any size"
              .formatted(graph.name(), Arrays.toString(inputShape)));
    }
  }

  private BatchSize batchSize(long[] inputShape, Probe probe) {
    boolean alone = inputShape[0] == 1 || graph.quantisesDynamically();
    if (!alone && probe.sameBitsFrom(1)) {
      return BatchSize.of(layout.modality(), 1, options);
    }
    // images gain little from batches, so that filling them up would cost more than it brings
    if (!alone && layout.modality() == Modality.TEXT && probe.sameBitsFrom(Probe.EVEN)) {
      return BatchSize.of(layout.modality(), Probe.EVEN, options);
    }
    return BatchSize.alone(options.threadsEach().orElse(1));
  }

  /** Settings with what was found out in place of what was left open; open again by the same. */
  private Map<String, String> record(Readout readout) {
    Map<String, String> record = new LinkedHashMap<>();
    String revision = model.revision().isEmpty() ? settings.get(REVISION) : model.revision();
    if (!revision.isEmpty()) {
      record.put(REVISION.key(), revision);
    }
    record.put(MODALITY.key(), layout.modality().id());
    record.put(GRAPH.key(), layout.graph());
    record.put(form == Form.TOKENS ? TOKEN_OUTPUT.key() : OUTPUT.key(), readout.output());
    if (form == Form.POOLED) {
      record.put(POOLING.key(), readout.pooling().name().toLowerCase(Locale.ROOT));
    }
    record.put(NORMALIZE.key(), Boolean.toString(readout.normalize()));
    return record;
  }

  private EncoderInfo info(
      long[] shape,
      int rows,
      Map<String, String> record,
      List<Path> weights,
      Set<String> preparedBy) {
    List<String> parts = new ArrayList<>(List.of(CODE_VERSION, form.id()));
    // the files' content says what their names and revision would
    record.forEach(
        (key, value) -> {
          if (!key.equals(REVISION.key()) && !key.equals(GRAPH.key())) {
            parts.add(key + "=" + value);
          }
        });
    List<Path> files = new ArrayList<>(List.of(graphFile));
    files.addAll(weights);
    preparedBy.stream().sorted().filter(model::has).map(model::get).forEach(files::add);
    files.add(model.get(ModelLayout.CONFIG));
    for (Path file : files) {
      try {
        parts.add(Hashes.sha256(file));
      } catch (IOException e) {
        throw new WrongUseException("cannot read " + file + ": " + Reasons.of(e), e);
      }
    }
    return new EncoderInfo(
        new View(view, layout.modality(), kind, Readout.width(shape)),
        rows,
        model.name(),
        Hashes.sha256(String.join("\n", parts)),
        record);
  }
}
