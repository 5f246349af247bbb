package org.equipoise.encoders.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Models of a few operators, written operator by operator.
 *
 * <p>The text network looks each id up in a table whose row {@code i} is {@code [i, 10 i]}, so that
 * features can be reckoned by hand. The image network takes the mean of each channel.
 */
public final class TinyModel {
  static final int TOKENS = 16;
  static final String TEXT_CONFIG =
      """
      {"model_type": "bert", "vocab_size": 16, "max_position_embeddings": 8, "pad_token_id": 0}
      """;
  static final String IMAGE_CONFIG =
      """
      {"model_type": "swin", "image_size": 4}
      """;
  static final String PREPROCESSOR =
      """
      {"image_processor_type": "ViTImageProcessor", "size": {"height": 4, "width": 4},
       "resample": 3, "do_normalize": false}
      """;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("tiny");
  private long opset = 17;

  static TinyModel graph() {
    return new TinyModel();
  }

  /** Words {@code w4} to {@code w15} between [CLS] (2) and [SEP] (3); [PAD] is 0, [UNK] 1. */
  static String tokenizer(int tokens) {
    StringBuilder vocabulary = new StringBuilder();
    List<String> special = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]");
    StringBuilder added = new StringBuilder();
    for (int i = 0; i < tokens; i++) {
      String word = i < special.size() ? special.get(i) : "w" + i;
      vocabulary.append(i == 0 ? "" : ",").append("\"%s\": %d".formatted(word, i));
      if (i < special.size()) {
        added
            .append(i == 0 ? "" : ",")
            .append(
                """
                {"id": %d, "content": "%s", "single_word": false, "lstrip": false,
                 "rstrip": false, "normalized": false, "special": true}"""
                    .formatted(i, word));
      }
    }
    return """
        {"version": "1.0", "truncation": null, "padding": null, "normalizer": null, "decoder": null,
         "added_tokens": [%s],
         "pre_tokenizer": {"type": "Whitespace"},
         "post_processor": {"type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
          "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
          "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
            "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
         "model": {"type": "WordLevel", "vocab": {%s}, "unk_token": "[UNK]"}}
        """
        .formatted(added, vocabulary);
  }

  /** A folder with a text model. */
  public static Path texts(Path folder, TinyModel graph) throws IOException {
    write(folder, "config.json", TEXT_CONFIG);
    write(folder, "tokenizer.json", tokenizer(TOKENS));
    graph.write(folder, "onnx/model.onnx");
    return folder;
  }

  /** A folder with an image model. */
  static Path images(Path folder, TinyModel graph) throws IOException {
    write(folder, "config.json", IMAGE_CONFIG);
    write(folder, "preprocessor_config.json", PREPROCESSOR);
    graph.write(folder, "onnx/model.onnx");
    return folder;
  }

  public static Path write(Path folder, String path, String content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  Path write(Path folder, String path) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.write(file, model().toByteArray());
  }

  ModelProto model() {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1))
        .setGraph(graph)
        .build();
  }

  TinyModel opset(long version) {
    opset = version;
    return this;
  }

  TinyModel input(String name, DataType type, Object... shape) {
    graph.addInput(info(name, type, shape));
    return this;
  }

  TinyModel output(String name, Object... shape) {
    return outputOf(name, DataType.FLOAT, shape);
  }

  TinyModel outputOf(String name, DataType type, Object... shape) {
    graph.addOutput(info(name, type, shape));
    return this;
  }

  TinyModel node(
      String operator, List<String> inputs, String output, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
    return this;
  }

  TinyModel nodeOf(NodeProto node) {
    graph.addNode(node);
    return this;
  }

  static AttributeProto ints(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  static AttributeProto number(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  TinyModel weights(String name, float[] values, long... shape) {
    graph.addInitializer(tensor(name, shape).setRawData(ByteString.copyFrom(bytes(values))));
    return this;
  }

  TinyModel bytes(String name, byte[] values, long... shape) {
    graph.addInitializer(
        tensor(name, shape)
            .setDataType(DataType.UINT8.getNumber())
            .setRawData(ByteString.copyFrom(values)));
    return this;
  }

  TinyModel externalWeights(String name, String location, long bytes, long... shape) {
    graph.addInitializer(
        tensor(name, shape)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", location))
            .addExternalData(entry("offset", "0"))
            .addExternalData(entry("length", Long.toString(bytes))));
    return this;
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static TensorProto.Builder tensor(String name, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(DataType.FLOAT.getNumber());
    for (long axis : shape) {
      tensor.addDims(axis);
    }
    return tensor;
  }

  static byte[] bytes(float[] values) {
    return GoldenModels.littleEndian(values);
  }

  private static ValueInfoProto info(String name, DataType type, Object... shape) {
    TensorShapeProto.Builder axes = TensorShapeProto.newBuilder();
    for (Object axis : shape) {
      TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
      if (axis instanceof Integer length) {
        dimension.setDimValue(length);
      } else {
        dimension.setDimParam(axis.toString());
      }
      axes.addDim(dimension);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(axes)))
        .build();
  }

  /** Row i is i and ten times i. */
  static float[] table() {
    float[] table = new float[TOKENS * 2];
    for (int i = 0; i < TOKENS; i++) {
      table[2 * i] = i;
      table[2 * i + 1] = 10 * i;
    }
    return table;
  }

  /** {@code last_hidden_state} [B, T, 2] of ids. */
  public static TinyModel textGraph() {
    return graph()
        .input("input_ids", DataType.INT64, "batch", "sequence")
        .weights("table", table(), TOKENS, 2)
        .node("Gather", List.of("table", "input_ids"), "last_hidden_state")
        .output("last_hidden_state", "batch", "sequence", 2);
  }

  /** {@code pooler_output} [B, 3, 1, 1], the mean of each channel. */
  static TinyModel imageGraph() {
    return graph()
        .input("pixel_values", DataType.FLOAT, "batch", 3, 4, 4)
        .node("GlobalAveragePool", List.of("pixel_values"), "pooler_output")
        .output("pooler_output", "batch", 3, 1, 1);
  }
}
