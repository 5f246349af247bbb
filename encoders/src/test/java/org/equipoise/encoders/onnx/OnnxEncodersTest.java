package org.equipoise.encoders.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Modality;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.Features;
import org.equipoise.encoders.Content;
import org.equipoise.encoders.Encoder;
import org.equipoise.encoders.EncoderOptions;
import org.equipoise.encoders.EncoderOptions.Device;
import org.equipoise.encoders.Encoders;
import org.equipoise.encoders.Encoding;
import org.equipoise.encoders.Prepared;
import org.equipoise.encoders.hub.FolderFiles;
import org.equipoise.media.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxEncodersTest {
  @TempDir Path folder;

  private static Features text(Path model, Form form, String text, Object... settings) {
    try (Encoder encoder = GoldenModels.open(model, form, settings)) {
      return GoldenModels.features(encoder, new Content.Text(text));
    }
  }

  private static RgbImage plain(int red, int green, int blue) {
    byte[] pixels = new byte[6 * 5 * 3];
    for (int i = 0; i < pixels.length; i += 3) {
      pixels[i] = (byte) red;
      pixels[i + 1] = (byte) green;
      pixels[i + 2] = (byte) blue;
    }
    return new RgbImage(6, 5, pixels);
  }

  private void assertRefused(String[] parts, Object... settings) {
    assertRefused(Form.POOLED, parts, settings);
  }

  private void assertRefused(Form form, String[] parts, Object... settings) {
    assertThatThrownBy(() -> GoldenModels.open(folder, form, settings).close())
        .isInstanceOf(WrongUseException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  private static String[] saying(String... parts) {
    return parts;
  }

  @Test
  void the_feature_of_a_text_is_the_mean_of_its_tokens() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    // [CLS] 2, w4, w9, [SEP] 3
    assertThat(text(folder, Form.POOLED, "w4 w9").values()).containsExactly(4.5f, 45f);
    assertThat(text(folder, Form.POOLED, "w4 w9", "pooling", "first").values())
        .containsExactly(2f, 20f);
    assertThat(text(folder, Form.TOKENS, "w4 w9").values())
        .containsExactly(2f, 20f, 4f, 40f, 9f, 90f, 3f, 30f);
    assertThat(text(folder, Form.POOLED, "w4 w9", "normalize", true).values())
        .containsExactly(new float[] {0.09950372f, 0.9950372f}, within(1e-6f));
  }

  @Test
  void a_prefix_goes_before_each_text_with_its_spaces() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    assertThat(text(folder, Form.TOKENS, "w9", "prefix", "w5 ").values())
        .containsExactly(2f, 20f, 5f, 50f, 9f, 90f, 3f, 30f);
  }

  @Test
  void sentence_transformers_pooling_is_followed() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    TinyModel.write(
        folder,
        "1_Pooling/config.json",
        "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}");
    assertThat(text(folder, Form.POOLED, "w4 w9").values()).containsExactly(2f, 20f);
    TinyModel.write(folder, "1_Pooling/config.json", "{\"pooling_mode_max_tokens\": true}");
    assertRefused(saying("1_Pooling", "set 'pooling' to mean or first"));
    assertThat(text(folder, Form.POOLED, "w4 w9", "pooling", "mean").values())
        .containsExactly(4.5f, 45f);
  }

  @Test
  void only_the_inputs_that_the_graph_declares_are_fed_in_its_own_types() throws IOException {
    TinyModel graph =
        TinyModel.graph()
            .input("input_ids", DataType.INT32, "batch", "sequence")
            .input("position_ids", DataType.INT32, "batch", "sequence")
            .input("attention_mask", DataType.INT64, "batch", "sequence")
            .weights("table", TinyModel.table(), TinyModel.TOKENS, 2)
            .node("Gather", List.of("table", "input_ids"), "words")
            .node("Gather", List.of("table", "position_ids"), "places")
            .node("Gather", List.of("table", "attention_mask"), "ones")
            .node("Add", List.of("words", "places"), "sum")
            .node("Add", List.of("sum", "ones"), "last_hidden_state")
            .output("last_hidden_state", "batch", "sequence", 2);
    TinyModel.texts(folder, graph);
    // ids 2 4 3, positions 0 1 2, mask 1 1 1
    assertThat(text(folder, Form.TOKENS, "w4").values()).containsExactly(3f, 30f, 6f, 60f, 6f, 60f);
    TinyModel.write(
        folder,
        "config.json",
        TinyModel.TEXT_CONFIG.replace("bert", "roberta").replace("_id\": 0", "_id\": 1"));
    // RoBERTa's positions begin behind that of padding
    assertThat(text(folder, Form.TOKENS, "w4").values()).containsExactly(5f, 50f, 8f, 80f, 8f, 80f);
  }

  @Test
  void an_input_that_cannot_be_fed_is_named() throws IOException {
    TinyModel.texts(
        folder,
        TinyModel.graph()
            .input("input_ids", DataType.INT64, "batch", "sequence")
            .input("decoder_input_ids", DataType.INT64, "batch", "sequence")
            .weights("table", TinyModel.table(), TinyModel.TOKENS, 2)
            .node("Add", List.of("input_ids", "decoder_input_ids"), "both")
            .node("Gather", List.of("table", "both"), "last_hidden_state")
            .output("last_hidden_state", "batch", "sequence", 2));
    assertRefused(saying("'decoder_input_ids'", "attention_mask", "model.onnx"));
  }

  @Test
  void texts_are_cut_to_the_setting_and_to_the_models_positions() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    String text = "w4 w5 w6 w7 w8 w9 w10 w11";
    try (Encoder encoder = GoldenModels.open(folder, Form.TOKENS, "max_tokens", 4)) {
      Encoding encoding = GoldenModels.encode(encoder, new Content.Text(text));
      assertThat(encoding.truncated()).isTrue();
      assertThat(encoding.features().values()).containsExactly(2f, 20f, 4f, 40f, 5f, 50f, 3f, 30f);
    }
    assertThat(text(folder, Form.TOKENS, text).tokens()).isEqualTo(8);
    TinyModel.write(
        folder,
        "config.json",
        TinyModel.TEXT_CONFIG.replace("bert", "xlm-roberta").replace("_id\": 0", "_id\": 1"));
    assertThat(text(folder, Form.TOKENS, text).tokens()).isEqualTo(6);
  }

  @Test
  void texts_of_siglip_are_filled_up_and_their_tokens_are_those_of_the_text() throws IOException {
    TinyModel.write(folder, "tokenizer.json", TinyModel.tokenizer(TinyModel.TOKENS));
    TinyModel.write(
        folder,
        "config.json",
        """
        {"model_type": "siglip", "vision_config": {},
         "text_config": {"model_type": "siglip_text_model", "vocab_size": 16,
          "max_position_embeddings": 6}}
        """);
    TinyModel.graph()
        .input("input_ids", DataType.INT64, "batch", "sequence")
        .weights("table", TinyModel.table(), TinyModel.TOKENS, 2)
        .node("Gather", List.of("table", "input_ids"), "last_hidden_state")
        .node(
            "ReduceMean",
            List.of("last_hidden_state"),
            "pooler_output",
            TinyModel.ints("axes", 1),
            TinyModel.number("keepdims", 0))
        .output("last_hidden_state", "batch", "sequence", 2)
        .output("pooler_output", "batch", 2)
        .write(folder, "onnx/text_model.onnx");
    assertRefused(saying("pad_token"), "modality", "text");
    TinyModel.write(folder, "tokenizer_config.json", "{\"pad_token\": {\"content\": \"[UNK]\"}}");
    // 2 4 3 and three times [UNK] 1
    assertThat(text(folder, Form.POOLED, "w4", "modality", "text").values())
        .containsExactly(2f, 20f);
    assertThat(text(folder, Form.TOKENS, "w4", "modality", "text").values())
        .containsExactly(2f, 20f, 4f, 40f, 3f, 30f);
  }

  @Test
  void graphs_of_one_length_and_batches_of_one_are_filled_up_and_run_alone() throws IOException {
    TinyModel.texts(
        folder,
        TinyModel.graph()
            .input("input_ids", DataType.INT64, 1, 5)
            .input("attention_mask", DataType.INT64, 1, 5)
            .weights("table", TinyModel.table(), TinyModel.TOKENS, 2)
            .node("Mul", List.of("input_ids", "attention_mask"), "kept")
            .node("Gather", List.of("table", "kept"), "last_hidden_state")
            .output("last_hidden_state", 1, 5, 2));
    try (Encoder encoder = GoldenModels.open(folder, Form.POOLED)) {
      assertThat(encoder.batchSize(5)).isEqualTo(1);
      assertThat(GoldenModels.features(encoder, new Content.Text("w4")).values())
          .containsExactly(3f, 30f);
    }
  }

  @Test
  void images_are_prepared_and_a_grid_of_one_place_is_a_feature() throws IOException {
    TinyModel.images(folder, TinyModel.imageGraph());
    try (Encoder encoder = GoldenModels.open(folder, Form.POOLED)) {
      assertThat(encoder.info().view().modality()).isEqualTo(Modality.IMAGE);
      assertThat(encoder.info().view().width()).isEqualTo(3);
      assertThat(GoldenModels.features(encoder, new Content.Image(plain(255, 51, 0))).values())
          .containsExactly(new float[] {1f, 0.2f, 0f}, within(1e-6f));
    }
  }

  @Test
  void numbers_of_16_bits_go_in_and_out() throws IOException {
    TinyModel.images(
        folder,
        TinyModel.graph()
            .input("pixel_values", DataType.FLOAT16, "batch", 3, 4, 4)
            .node(
                "Cast",
                List.of("pixel_values"),
                "exact",
                TinyModel.number("to", DataType.FLOAT.getNumber()))
            .node("GlobalAveragePool", List.of("exact"), "mean")
            .node(
                "Cast",
                List.of("mean"),
                "pooler_output",
                TinyModel.number("to", DataType.FLOAT16.getNumber()))
            .outputOf("pooler_output", DataType.FLOAT16, "batch", 3, 1, 1));
    try (Encoder encoder = GoldenModels.open(folder, Form.POOLED)) {
      assertThat(GoldenModels.features(encoder, new Content.Image(plain(255, 51, 0))).values())
          .containsExactly(new float[] {1f, 0.2f, 0f}, within(1e-3f));
    }
  }

  @Test
  void an_output_of_no_fractions_is_refused() throws IOException {
    TinyModel.texts(
        folder,
        TinyModel.graph()
            .input("input_ids", DataType.INT64, "batch", "sequence")
            .node("Neg", List.of("input_ids"), "ids")
            .outputOf("ids", DataType.INT64, "batch", "sequence"));
    assertRefused(saying("Set 'output' to one of: ids"));
    assertRefused(saying("'ids'", "INT64", "name another with 'output'"), "output", "ids");
  }

  @Test
  void logits_of_each_token_are_no_feature_of_a_text() throws IOException {
    TinyModel.texts(
        folder,
        TinyModel.graph()
            .input("input_ids", DataType.INT64, "batch", "sequence")
            .weights("table", TinyModel.table(), TinyModel.TOKENS, 2)
            .node("Gather", List.of("table", "input_ids"), "logits")
            .output("logits", "batch", "sequence", 2));
    assertRefused(saying("Set 'output' to one of: logits"));
    assertThat(text(folder, Form.POOLED, "w4", "output", "logits").values())
        .containsExactly(3f, 30f);
  }

  @Test
  void places_of_a_grid_are_tokens() throws IOException {
    TinyModel.images(
        folder,
        TinyModel.graph()
            .input("pixel_values", DataType.FLOAT, "batch", 3, 4, 4)
            .node(
                "AveragePool",
                List.of("pixel_values"),
                "last_hidden_state",
                TinyModel.ints("kernel_shape", 2, 2),
                TinyModel.ints("strides", 2, 2))
            .output("last_hidden_state", "batch", 3, 2, 2));
    byte[] pixels = new byte[4 * 4 * 3];
    pixels[0] = (byte) 204;
    try (Encoder encoder = GoldenModels.open(folder, Form.TOKENS)) {
      assertThat(encoder.info().tokens()).isEqualTo(4);
      Features features =
          GoldenModels.features(encoder, new Content.Image(new RgbImage(4, 4, pixels)));
      // red in the first place alone, a quarter of 0.8
      assertThat(features.values())
          .containsExactly(new float[] {0.2f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, within(1e-6f));
    }
  }

  private void writeBothHalves() throws IOException {
    TinyModel.write(folder, "tokenizer.json", TinyModel.tokenizer(TinyModel.TOKENS));
    TinyModel.write(folder, "preprocessor_config.json", TinyModel.PREPROCESSOR);
    TinyModel.write(
        folder,
        "config.json",
        """
        {"model_type": "chinese_clip", "vision_config": {}, "text_config": {"vocab_size": 16}}
        """);
    TinyModel.graph()
        .input("input_ids", DataType.INT64, "texts", "sequence")
        .input("pixel_values", DataType.FLOAT, "images", 3, 4, 4)
        .weights("table", TinyModel.table(), TinyModel.TOKENS, 2)
        .weights("to_two", new float[] {1, 0, 0, 1, 0, 0}, 3, 2)
        .node("Gather", List.of("table", "input_ids"), "words")
        .node(
            "ReduceMean",
            List.of("words"),
            "text_embeds",
            TinyModel.ints("axes", 1),
            TinyModel.number("keepdims", 0))
        .node(
            "ReduceMean",
            List.of("pixel_values"),
            "colour",
            TinyModel.ints("axes", 2, 3),
            TinyModel.number("keepdims", 0))
        .node("MatMul", List.of("colour", "to_two"), "image_embeds")
        .node("Transpose", List.of("text_embeds"), "turned")
        .node("MatMul", List.of("image_embeds", "turned"), "logits_per_image")
        .output("logits_per_image", "images", "texts")
        .output("text_embeds", "texts", 2)
        .output("image_embeds", "images", 2)
        .write(folder, "onnx/model.onnx");
  }

  @Test
  void of_a_graph_with_both_halves_one_runs_without_the_other() throws IOException {
    writeBothHalves();
    assertThat(text(folder, Form.POOLED, "w4", "modality", "text").values())
        .containsExactly(3f, 30f);
    try (Encoder encoder = GoldenModels.open(folder, Form.POOLED, "modality", "image")) {
      assertThat(GoldenModels.features(encoder, new Content.Image(plain(255, 51, 0))).values())
          .containsExactly(new float[] {1f, 0.2f}, within(1e-6f));
    }
  }

  @Test
  void a_part_of_a_graph_holds_what_its_outputs_need_and_no_more() throws IOException {
    writeBothHalves();
    OnnxGraph graph = OnnxGraph.read(folder.resolve("onnx/model.onnx"));
    OnnxGraph part = graph.cut(List.of("text_embeds"));
    assertThat(part.inputNames()).containsExactly("input_ids");
    assertThat(part.outputNames()).containsExactly("text_embeds");
    assertThat(part.makes("words")).isTrue();
    assertThat(part.makes("colour")).isFalse();
    assertThat(graph.cut(graph.outputNames())).isSameAs(graph);
  }

  @Test
  void a_model_of_both_needs_to_be_told_which() throws IOException {
    writeBothHalves();
    assertRefused(saying("reads both", "modality: text", "modality: image"));
  }

  @Test
  void an_inner_tensor_can_be_the_feature() throws IOException {
    writeBothHalves();
    try (Encoder encoder =
        GoldenModels.open(folder, Form.POOLED, "modality", "image", "output", "colour")) {
      assertThat(GoldenModels.features(encoder, new Content.Image(plain(255, 51, 0))).values())
          .containsExactly(new float[] {1f, 0.2f, 0f}, within(1e-6f));
    }
  }

  @Test
  void an_output_that_is_not_there_is_named_with_those_that_are() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    assertRefused(
        saying("'pooler_output'", "its outputs are: last_hidden_state"), "output", "pooler_output");
    assertRefused(Form.TOKENS, saying("'tokens'", "last_hidden_state"), "token_output", "tokens");
  }

  @Test
  void an_output_of_tokens_cannot_go_without_pooling() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    assertRefused(saying("set 'pooling' to mean or first"), "pooling", "none");
  }

  @Test
  void a_modality_that_the_model_does_not_read_is_refused() throws IOException {
    TinyModel.images(folder, TinyModel.imageGraph());
    assertRefused(saying("reads images only", "swin"), "modality", "text");
  }

  @Test
  void an_unknown_setting_is_answered_with_the_nearest() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    Path file =
        TinyModel.write(
            folder, "mine.yaml", "views: [{view: a, encoder: ./, settings: {poolling: mean}}]");
    assertThatThrownBy(() -> Encoders.open(file.toString(), Form.POOLED, 1))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("'poolling'")
        .hasMessageContaining("'pooling'")
        .hasMessageContaining("view 'a'");
  }

  @Test
  void a_folder_without_onnx_says_how_to_export() throws IOException {
    TinyModel.write(folder, "config.json", TinyModel.TEXT_CONFIG);
    assertRefused(
        saying(folder.toString(), "optimum-cli export onnx --model", "--task feature-extraction"));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 17, 40})
  void a_tokenizer_of_another_model_is_refused(int tokens) throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    TinyModel.write(folder, "tokenizer.json", TinyModel.tokenizer(tokens));
    TinyModel.write(
        folder, "config.json", TinyModel.TEXT_CONFIG.replace("16", tokens == 5 ? "300" : "16"));
    assertRefused(saying("tokenizer.json has " + tokens + " tokens", "vocab_size", "config.json"));
  }

  @Test
  void a_vocabulary_may_be_rounded_up() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    TinyModel.write(folder, "config.json", TinyModel.TEXT_CONFIG.replace("16", "64"));
    assertThat(text(folder, Form.POOLED, "w4").values()).containsExactly(3f, 30f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | fetch or save it again",
        "[1, 2] | fetch or save it again",
        "{\"vocab_size\": 16, \"max_position_embeddings\": 0} | max_position_embeddings",
        "{\"vocab_size\": 16, \"max_position_embeddings\": \"many\"} | max_position_embeddings",
        "{\"vocab_size\": 1000000000000} | vocab_size",
        "{\"model_type\": \"roberta\", \"vocab_size\": 16, \"max_position_embeddings\": 8, \"pad_token_id\": 2147483647} | pad_token_id"
      })
  void a_damaged_config_is_named(String config, String part) throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    TinyModel.write(folder, "config.json", config);
    assertRefused(saying("config.json", part));
  }

  @Test
  void a_damaged_tokenizer_is_named() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    TinyModel.write(folder, "tokenizer.json", TinyModel.tokenizer(16).substring(0, 300));
    assertRefused(saying("tokenizer.json", "delete it and fetch or save it again"));
    TinyModel.write(folder, "tokenizer.json", "{}");
    assertRefused(saying("tokenizer.json", "no vocabulary"));
    Files.delete(folder.resolve("tokenizer.json"));
    assertRefused(saying("no tokenizer.json", "AutoTokenizer"));
  }

  @ParameterizedTest
  @CsvSource({
    "'\"resample\": 3', '\"resample\": 9', 'resample', '3 (bicubic)'",
    "'\"resample\": 3', '\"resample\": \"magic\"', 'magic', '1 (lanczos)'",
    "'ViTImageProcessor', 'OwlImageProcessor', 'OwlImageProcessor', 'CLIPImageProcessor'",
    "'{\"height\": 4, \"width\": 4}', '{\"longest_edge\": 4}', 'size', 'shortest_edge'",
    "'{\"height\": 4, \"width\": 4}', '{\"shortest_edge\": 4}', 'one size', 'do_center_crop'",
    "'\"do_normalize\": false', '\"do_pad\": true', 'do_pad', 'use another model'",
    "'\"do_normalize\": false', '\"image_mean\": [0.5]', 'image_mean', 'red, green and blue'",
    "'{\"height\": 4, \"width\": 4}', '5', '[B, 3, 5, 5]', 'pixel_values'"
  })
  void a_preparation_that_is_not_known_is_named(
      String from, String to, String part, String otherPart) throws IOException {
    TinyModel.images(folder, TinyModel.imageGraph());
    TinyModel.write(folder, "preprocessor_config.json", TinyModel.PREPROCESSOR.replace(from, to));
    assertRefused(saying(part, otherPart));
  }

  @Test
  void a_graph_newer_than_the_runtime_says_what_to_do() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph().opset(999));
    assertRefused(saying("model.onnx", "ai.onnx=999", "--opset 17", "newer"));
  }

  @Test
  void a_damaged_graph_is_named_with_what_to_do() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    Path file = folder.resolve("onnx/model.onnx");
    byte[] whole = Files.readAllBytes(file);
    for (int bytes = 0; bytes < whole.length; bytes += 7) {
      Files.write(file, Arrays.copyOf(whole, bytes));
      assertRefused(saying(file.toString(), "delete it and fetch or export it again"));
    }
    Files.writeString(file, "<html>404</html>");
    assertRefused(saying(file.toString(), "delete it and fetch or export it again"));
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    assertRefused(saying(file.toString(), "git lfs pull"));
  }

  @Test
  void an_operator_that_the_runtime_does_not_know_is_named() throws IOException {
    TinyModel.texts(
        folder,
        TinyModel.graph()
            .input("input_ids", DataType.INT64, "batch", "sequence")
            .node("Frobnicate", List.of("input_ids"), "last_hidden_state")
            .output("last_hidden_state", "batch", "sequence", 2));
    assertRefused(saying("model.onnx", "Frobnicate"));
  }

  private void writeExternal(String location) throws IOException {
    TinyModel.texts(
        folder,
        TinyModel.graph()
            .input("input_ids", DataType.INT64, "batch", "sequence")
            .externalWeights("table", location, TinyModel.TOKENS * 2L * Float.BYTES, 16, 2)
            .node("Gather", List.of("table", "input_ids"), "words")
            .node("Neg", List.of("words"), "last_hidden_state")
            .output("last_hidden_state", "batch", "sequence", 2));
  }

  @Test
  void weights_in_a_file_beside_the_graph_are_found_for_the_whole_and_for_a_part()
      throws IOException {
    writeExternal("model.onnx_data");
    Files.write(folder.resolve("onnx/model.onnx_data"), TinyModel.bytes(TinyModel.table()));
    assertThat(text(folder, Form.POOLED, "w4").values()).containsExactly(-3f, -30f);
    assertThat(text(folder, Form.POOLED, "w4", "output", "words").values())
        .containsExactly(3f, 30f);
    assertThat(OnnxEncoders.files(new FolderFiles(folder), GoldenModels.settings()))
        .contains("onnx/model.onnx", "onnx/model.onnx_data", "tokenizer.json", "config.json");
  }

  private Path linked(String... files) throws IOException {
    Path blobs = Files.createDirectories(folder.resolve("cache/blobs"));
    Path snapshot = folder.resolve("cache/snapshots/0123");
    for (String file : files) {
      Path content = Files.move(folder.resolve(file), blobs.resolve("blob-of-" + file.hashCode()));
      Path link = snapshot.resolve(file);
      Files.createDirectories(link.getParent());
      Files.createSymbolicLink(link, link.getParent().relativize(content));
    }
    return snapshot;
  }

  @Test
  void a_folder_of_links_as_in_pythons_cache_is_read() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    Path snapshot = linked("config.json", "tokenizer.json", "onnx/model.onnx");
    assertThat(text(snapshot, Form.POOLED, "w4").values()).containsExactly(3f, 30f);
  }

  @Test
  void weights_that_are_links_out_of_the_folder_are_named_with_what_to_do() throws IOException {
    writeExternal("model.onnx_data");
    Files.write(folder.resolve("onnx/model.onnx_data"), TinyModel.bytes(TinyModel.table()));
    Path snapshot =
        linked("config.json", "tokenizer.json", "onnx/model.onnx", "onnx/model.onnx_data");
    assertThatThrownBy(() -> GoldenModels.open(snapshot, Form.POOLED))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("model.onnx_data")
        .hasMessageContaining("owner/name");
  }

  @Test
  void weights_that_are_missing_or_cut_short_are_named() throws IOException {
    writeExternal("model.onnx_data");
    assertRefused(saying("model.onnx_data", "missing"));
    Files.write(folder.resolve("onnx/model.onnx_data"), new byte[100]);
    assertRefused(saying("model.onnx_data", "100 bytes of at least 128"));
  }

  @Test
  void other_weights_make_another_encoder() throws IOException {
    writeExternal("model.onnx_data");
    Path weights = folder.resolve("onnx/model.onnx_data");
    Files.write(weights, TinyModel.bytes(TinyModel.table()));
    String hash;
    try (Encoder encoder = GoldenModels.open(folder, Form.POOLED)) {
      hash = encoder.info().sha256();
    }
    float[] changed = TinyModel.table();
    changed[9] += 1;
    Files.write(weights, TinyModel.bytes(changed));
    try (Encoder encoder = GoldenModels.open(folder, Form.POOLED)) {
      assertThat(encoder.info().sha256()).isNotEqualTo(hash);
    }
  }

  @Test
  void variants_of_a_graph_are_chosen_by_word_or_by_file() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    TinyModel.textGraph().write(folder, "onnx/model_quantized.onnx");
    TinyModel.textGraph().write(folder, "other/mine.onnx");
    assertThat(graph("fp32")).isEqualTo("onnx/model.onnx");
    assertThat(graph("int8")).isEqualTo("onnx/model_quantized.onnx");
    assertThat(graph("auto")).isIn("onnx/model.onnx", "onnx/model_quantized.onnx");
    assertThat(graph("other/mine.onnx")).isEqualTo("other/mine.onnx");
    assertRefused(saying("fp16", "onnx/model_quantized.onnx"), "graph", "fp16");
    assertRefused(saying("q4", "known words"), "graph", "q4");
    assertRefused(saying("no file gone.onnx", "other/mine.onnx"), "graph", "gone.onnx");
  }

  private String graph(String asked) {
    try (Encoder encoder = GoldenModels.open(folder, Form.POOLED, "graph", asked)) {
      return encoder.info().settings().get("graph");
    }
  }

  @Test
  void a_graph_that_scales_as_it_runs_takes_one_content_at_a_time() throws IOException {
    NodeProto quantise =
        NodeProto.newBuilder()
            .setOpType("DynamicQuantizeLinear")
            .addInput("exact")
            .addAllOutput(List.of("rounded", "scale", "zero"))
            .build();
    TinyModel graph =
        TinyModel.graph()
            .input("input_ids", DataType.INT64, "batch", "sequence")
            .weights("table", TinyModel.table(), TinyModel.TOKENS, 2)
            .node("Gather", List.of("table", "input_ids"), "exact")
            .nodeOf(quantise)
            .node("DequantizeLinear", List.of("rounded", "scale", "zero"), "last_hidden_state")
            .output("last_hidden_state", "batch", "sequence", 2);
    TinyModel.texts(folder, graph);
    try (Encoder encoder = GoldenModels.open(folder, Form.POOLED)) {
      assertThat(encoder.batchSize(4)).isEqualTo(1);
    }
    TinyModel.texts(folder, TinyModel.textGraph());
    try (Encoder encoder = GoldenModels.open(folder, Form.POOLED)) {
      assertThat(encoder.batchSize(4)).isGreaterThan(1);
    }
  }

  /** Of 128 random numbers for each token by 8-bit weights, 32 wide. */
  private static TinyModel weightOnly() {
    Random random = new Random(5);
    float[] table = new float[TinyModel.TOKENS * 128];
    for (int i = 0; i < table.length; i++) {
      table[i] = (float) random.nextGaussian();
    }
    byte[] weights = new byte[32 * 128];
    random.nextBytes(weights);
    float[] scales = new float[32];
    Arrays.fill(scales, 0.01f);
    NodeProto product =
        NodeProto.newBuilder()
            .setDomain("com.microsoft")
            .setOpType("MatMulNBits")
            .addAllInput(List.of("words", "weights", "scales"))
            .addOutput("last_hidden_state")
            .addAttribute(TinyModel.number("K", 128))
            .addAttribute(TinyModel.number("N", 32))
            .addAttribute(TinyModel.number("bits", 8))
            .addAttribute(TinyModel.number("block_size", 128))
            .addAttribute(TinyModel.number("accuracy_level", 4))
            .build();
    return TinyModel.graph()
        .input("input_ids", DataType.INT64, "batch", "sequence")
        .weights("table", table, TinyModel.TOKENS, 128)
        .bytes("weights", weights, 32, 1, 128)
        .weights("scales", scales, 32)
        .node("Gather", List.of("table", "input_ids"), "words")
        .nodeOf(product)
        .output("last_hidden_state", "batch", "sequence", 32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"w4", "w4 w5", "w4 w5 w6", "w4 w5 w6 w7"})
  void a_weight_only_graph_gives_a_text_the_same_bits_in_every_batch(String text)
      throws IOException {
    TinyModel.texts(folder, weightOnly());
    try (Encoder encoder = GoldenModels.open(folder, Form.TOKENS)) {
      Prepared prepared = encoder.prepare(new Content.Text(text));
      Prepared other = encoder.prepare(new Content.Text(text.replace('4', '9')));
      float[] alone = encoder.encode(List.of(prepared)).get(0).features().values();
      assertThat(encoder.batchSize(3)).isGreaterThan(1);
      for (int neighbours = 1; neighbours < 6; neighbours++) {
        List<Prepared> batch = new ArrayList<>(Collections.nCopies(neighbours, other));
        batch.add(prepared);
        assertThat(encoder.encode(batch).get(neighbours).features().values()).isEqualTo(alone);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1024, 64, 1, 16, 64",
    "1024, 64, 1, 1025, 1",
    "1024, 64, 2, 341, 2",
    "1024, 64, 2, 205, 4",
    "1024, 64, 2, 1025, 2",
    "1, 1, 1, 9, 1"
  })
  void batches_keep_to_their_budget_and_to_whole_multiples(
      int budget, int most, int multiple, int length, int contents) {
    assertThat(new BatchSize(budget, most, multiple, 1).of(length)).isEqualTo(contents);
  }

  @Test
  void a_batch_is_filled_up_by_its_last_content() {
    BatchSize even = new BatchSize(1024, 64, 2, 1);
    assertThat(even.filled(List.of("a", "b", "c"))).containsExactly("a", "b", "c", "c");
    assertThat(even.filled(List.of("a", "b"))).containsExactly("a", "b");
  }

  @Test
  void a_batch_gets_its_features_in_order() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    try (Encoder encoder = GoldenModels.open(folder, Form.POOLED)) {
      List<Prepared> batch =
          List.of("w4", "w5", "w6").stream()
              .map(text -> encoder.prepare(new Content.Text(text)))
              .toList();
      assertThat(encoder.encode(batch).stream().map(e -> e.features().values()[0]))
          .containsExactly(3f, 10f / 3, 11f / 3);
    }
  }

  @Test
  void cuda_where_there_is_none_says_what_to_do() throws IOException {
    TinyModel.texts(folder, TinyModel.textGraph());
    EncoderOptions cuda =
        new EncoderOptions(
            1, OptionalInt.empty(), OptionalInt.empty(), OptionalLong.empty(), Device.CUDA);
    assertThatThrownBy(
            () ->
                OnnxEncoders.open(
                    "a",
                    Kind.SEMANTIC,
                    Form.POOLED,
                    new FolderFiles(folder),
                    GoldenModels.settings(),
                    cuda))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("no CUDA here")
        .hasMessageContaining("-Pcuda");
  }
}
