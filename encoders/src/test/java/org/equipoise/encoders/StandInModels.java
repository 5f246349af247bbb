package org.equipoise.encoders;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.equipoise.testing.Folders;

/**
 * The tiny golden models in the places of the presets' models: files of the same names, graphs with
 * inputs and outputs of the same names.
 */
final class StandInModels {
  /** The last hidden state in a graph that is published for filling in words. */
  private static final String HIDDEN = "/bert/encoder/layer.11/output/LayerNorm/Add_1_output_0";

  private static final String GRAPH = "onnx/model.onnx";

  private StandInModels() {}

  /** Files by path, by the id of each model that a preset names. */
  static Map<String, Map<String, byte[]>> all() throws IOException {
    Map<String, byte[]> bert = golden("tiny-bert");
    Map<String, byte[]> clip = golden("tiny-clip");
    Map<String, byte[]> classifier = golden("tiny-swin-classifier");
    Map<String, Map<String, byte[]>> models = new TreeMap<>();
    models.put("Xenova/swin-tiny-patch4-window7-224", classifier);
    models.put("Xenova/resnet-18", classifier);
    models.put("Xenova/dinov2-small", golden("tiny-swin"));
    models.put(
        "Xenova/clip-vit-base-patch32",
        with(
            with(clip, "onnx/text_model.onnx", "onnx/text_model_quantized.onnx"),
            "onnx/vision_model.onnx",
            "onnx/vision_model_quantized.onnx"));
    models.put(
        "onnx-community/siglip2-base-patch16-224-ONNX",
        ofType("siglip", with(clip, "onnx/text_model.onnx", "onnx/text_model_quantized.onnx")));
    models.put("Xenova/chinese-clip-vit-base-patch16", ofType("chinese_clip", joined(clip)));
    models.put("Xenova/multilingual-e5-small", bert);
    models.put("Xenova/all-MiniLM-L6-v2", moved(bert, "onnx/model_quantized.onnx"));
    models.put("google-bert/bert-base-uncased", moved(fillingInWords(bert), "model.onnx"));
    models.put("Xenova/bert-base-chinese", fillingInWords(golden("tiny-bert-chinese")));
    return models;
  }

  private static Map<String, byte[]> golden(String model) throws IOException {
    Path folder = Folders.golden().resolve("encoders").resolve(model);
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path file : paths.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
      }
    }
    return files;
  }

  /** With a file under one more name. */
  private static Map<String, byte[]> with(Map<String, byte[]> files, String file, String name) {
    Map<String, byte[]> more = new TreeMap<>(files);
    more.put(name, files.get(file));
    return more;
  }

  /** With the graph in another place. */
  private static Map<String, byte[]> moved(Map<String, byte[]> files, String to) {
    Map<String, byte[]> moved = with(files, GRAPH, to);
    moved.remove(GRAPH);
    return moved;
  }

  private static Map<String, byte[]> ofType(String type, Map<String, byte[]> files) {
    String config = new String(files.get("config.json"), StandardCharsets.UTF_8);
    Map<String, byte[]> changed = new TreeMap<>(files);
    changed.put(
        "config.json",
        config
            .replace("\"model_type\": \"clip\"", "\"model_type\": \"" + type + "\"")
            .getBytes(StandardCharsets.UTF_8));
    return changed;
  }

  /** Gives logits alone; what was {@code last_hidden_state} lies within, under the usual name. */
  private static Map<String, byte[]> fillingInWords(Map<String, byte[]> files) throws IOException {
    ModelProto model = ModelProto.parseFrom(files.get(GRAPH));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    String old = "last_hidden_state";
    graph.getNodeBuilderList().forEach(node -> rename(node, old, HIDDEN));
    graph.clearOutput();
    graph.addNode(
        NodeProto.newBuilder().setOpType("Identity").addInput(HIDDEN).addOutput("logits"));
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (String axis : new String[] {"batch_size", "sequence_length", "words"}) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(axis));
    }
    graph.addOutput(
        ValueInfoProto.newBuilder()
            .setName("logits")
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(
                        TypeProto.Tensor.newBuilder()
                            .setElemType(TensorProto.DataType.FLOAT_VALUE)
                            .setShape(shape))));
    return withGraph(files, model.toBuilder().setGraph(graph));
  }

  private static void rename(NodeProto.Builder node, String from, String to) {
    for (int i = 0; i < node.getInputCount(); i++) {
      if (node.getInput(i).equals(from)) {
        node.setInput(i, to);
      }
    }
    for (int i = 0; i < node.getOutputCount(); i++) {
      if (node.getOutput(i).equals(from)) {
        node.setOutput(i, to);
      }
    }
  }

  /** Both halves in one graph, which wants the inputs of both. */
  private static Map<String, byte[]> joined(Map<String, byte[]> files) throws IOException {
    ModelProto text = ModelProto.parseFrom(files.get("onnx/text_model.onnx"));
    GraphProto images = ModelProto.parseFrom(files.get("onnx/vision_model.onnx")).getGraph();
    GraphProto.Builder graph = half(text.getGraph(), "text/", "text_embeds").toBuilder();
    GraphProto vision = half(images, "vision/", "image_embeds");
    graph.addAllNode(vision.getNodeList());
    graph.addAllInput(vision.getInputList());
    graph.addAllOutput(vision.getOutputList());
    graph.addAllInitializer(vision.getInitializerList());
    Map<String, byte[]> joined = withGraph(files, text.toBuilder().setGraph(graph));
    joined.remove("onnx/text_model.onnx");
    joined.remove("onnx/vision_model.onnx");
    return joined;
  }

  /** One output, and names that the other half does not have. */
  private static GraphProto half(GraphProto graph, String prefix, String output) {
    GraphProto.Builder half = graph.toBuilder().clearValueInfo().clearOutput();
    graph.getOutputList().stream()
        .filter(info -> info.getName().equals(output))
        .forEach(half::addOutput);
    for (NodeProto.Builder node : half.getNodeBuilderList()) {
      node.setName(prefix + node.getName());
      for (int i = 0; i < node.getInputCount(); i++) {
        node.setInput(i, renamed(graph, prefix, output, node.getInput(i)));
      }
      for (int i = 0; i < node.getOutputCount(); i++) {
        node.setOutput(i, renamed(graph, prefix, output, node.getOutput(i)));
      }
    }
    half.getInitializerBuilderList()
        .forEach(weights -> weights.setName(prefix + weights.getName()));
    return half.build();
  }

  private static String renamed(GraphProto graph, String prefix, String output, String name) {
    boolean known =
        name.isEmpty()
            || name.equals(output)
            || graph.getInputList().stream().anyMatch(input -> input.getName().equals(name));
    return known ? name : prefix + name;
  }

  private static Map<String, byte[]> withGraph(
      Map<String, byte[]> files, ModelProto.Builder model) {
    Map<String, byte[]> changed = new TreeMap<>(files);
    changed.put(GRAPH, model.build().toByteArray());
    return changed;
  }
}
