package org.equipoise.encoders.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Reasons;

/**
 * An ONNX file as its protobuf says: what goes in, what comes out, which operators it holds. The
 * weights stay in the file: it is mapped, not read.
 */
final class OnnxGraph {
  /** Operators whose cost is that of a layer. */
  private static final Set<String> HEAVY = Set.of("MatMul", "Gemm", "Conv", "MatMulInteger");

  /** Layers that may be left out before it pays to make the graph anew. */
  private static final int IDLE_LAYERS = 1;

  private static final String GIT_LFS = "version https://git-lfs";

  private final String name;
  private final ModelProto model;

  private OnnxGraph(String name, ModelProto model) {
    this.name = name;
    this.model = model;
  }

  /**
   * Where weights lie outside the graph's own file.
   *
   * @param location the path, from the graph's folder
   * @param end the first byte behind them that they do not need; 0 where not said
   */
  record ExternalWeights(String location, long end) {}

  /**
   * Reads a file.
   *
   * @throws WrongUseException if it is no ONNX graph
   */
  static OnnxGraph read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw damaged(file.toString(), "it is larger than a graph can be, which is 2 GiB");
      }
      return parse(file.toString(), channel.map(MapMode.READ_ONLY, 0, channel.size()));
    } catch (IOException e) {
      throw new WrongUseException("cannot read " + file + ": " + Reasons.of(e), e);
    }
  }

  /**
   * Reads bytes.
   *
   * @param name what they are, for messages
   * @throws WrongUseException if they are no ONNX graph
   */
  static OnnxGraph parse(String name, ByteBuffer bytes) {
    byte[] start = new byte[Math.min(GIT_LFS.length(), bytes.remaining())];
    bytes.duplicate().get(start);
    if (new String(start, StandardCharsets.ISO_8859_1).equals(GIT_LFS)) {
      throw new WrongUseException(
          name
              + " is a pointer of Git LFS, not the graph itself: run 'git lfs pull' in its folder");
    }
    try {
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
      in.enableAliasing(true);
      ModelProto model = ModelProto.parseFrom(in);
      if (model.getGraph().getNodeCount() == 0
          || model.getGraph().getOutputCount() == 0
          || model.getOpsetImportCount() == 0) {
        throw damaged(name, "it does not hold operators, outputs and their version");
      }
      return new OnnxGraph(name, model);
    } catch (InvalidProtocolBufferException e) {
      throw damaged(name, e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static WrongUseException damaged(String name, String why) {
    return new WrongUseException(
        "%s is damaged or no ONNX graph (%s): delete it and fetch or export it again"
            .formatted(name, why));
  }

  /** What it is called in messages. */
  String name() {
    return name;
  }

  /** What a run must be given, without weights that older files list among the inputs. */
  List<ValueInfoProto> inputs() {
    Set<String> weights =
        model.getGraph().getInitializerList().stream()
            .map(TensorProto::getName)
            .collect(Collectors.toSet());
    return model.getGraph().getInputList().stream()
        .filter(input -> !weights.contains(input.getName()))
        .toList();
  }

  /** Names of what a run must be given. */
  List<String> inputNames() {
    return inputs().stream().map(ValueInfoProto::getName).toList();
  }

  /** Names of the outputs. */
  List<String> outputNames() {
    return model.getGraph().getOutputList().stream().map(ValueInfoProto::getName).toList();
  }

  /** How many axes an output has; 0 where the file does not say. */
  int rank(String output) {
    return model.getGraph().getOutputList().stream()
        .filter(info -> info.getName().equals(output))
        .findFirst()
        .map(info -> info.getType().getTensorType().getShape().getDimCount())
        .orElse(0);
  }

  /** Whether some operator makes a tensor of that name. */
  boolean makes(String tensor) {
    return model.getGraph().getNodeList().stream()
        .anyMatch(node -> node.getOutputList().contains(tensor));
  }

  /** Versions of the operator sets, by domain; {@code ai.onnx} for the standard. */
  Map<String, Long> opsets() {
    Map<String, Long> opsets = new TreeMap<>();
    for (OperatorSetIdProto opset : model.getOpsetImportList()) {
      opsets.put(opset.getDomain().isEmpty() ? "ai.onnx" : opset.getDomain(), opset.getVersion());
    }
    return opsets;
  }

  /**
   * Whether it scales activations by what they hold when it runs ({@code DynamicQuantizeLinear} and
   * its kin). The scale is that of the whole batch, so that in a batch one content's features would
   * depend on the others.
   */
  boolean quantisesDynamically() {
    return Stream.concat(
            allNodes(model.getGraph().getNodeList()),
            model.getFunctionsList().stream()
                .map(FunctionProto::getNodeList)
                .flatMap(OnnxGraph::allNodes))
        .anyMatch(node -> node.getOpType().startsWith("DynamicQuantize"));
  }

  private static Stream<NodeProto> allNodes(List<NodeProto> nodes) {
    return nodes.stream()
        .flatMap(
            node ->
                Stream.concat(
                    Stream.of(node),
                    subgraphs(node).flatMap(graph -> allNodes(graph.getNodeList()))));
  }

  private static Stream<GraphProto> subgraphs(NodeProto node) {
    return node.getAttributeList().stream()
        .flatMap(
            (AttributeProto attribute) ->
                Stream.concat(
                    attribute.hasG() ? Stream.of(attribute.getG()) : Stream.empty(),
                    attribute.getGraphsList().stream()));
  }

  /** Weights in other files, each file once, in order. */
  List<ExternalWeights> externalWeights() {
    Map<String, Long> ends = new LinkedHashMap<>();
    externalTensors()
        .map(OnnxGraph::external)
        .forEach(weights -> ends.merge(weights.location, weights.end, Math::max));
    return ends.entrySet().stream()
        .map(entry -> new ExternalWeights(entry.getKey(), entry.getValue()))
        .toList();
  }

  private Stream<TensorProto> externalTensors() {
    Stream<TensorProto> constants =
        allNodes(model.getGraph().getNodeList())
            .flatMap(node -> node.getAttributeList().stream())
            .filter(AttributeProto::hasT)
            .map(AttributeProto::getT);
    return Stream.concat(model.getGraph().getInitializerList().stream(), constants)
        .filter(tensor -> tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL);
  }

  private static ExternalWeights external(TensorProto tensor) {
    Map<String, String> entries = new LinkedHashMap<>();
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      entries.put(entry.getKey(), entry.getValue());
    }
    long length = Long.parseLong(entries.getOrDefault("length", "0"));
    return new ExternalWeights(
        entries.getOrDefault("location", ""),
        length == 0 ? 0 : Long.parseLong(entries.getOrDefault("offset", "0")) + length);
  }

  /**
   * The part of the graph that some tensors need: operators, weights and inputs from which they are
   * reached. Such a part of a model of texts and images costs as much as its half alone.
   *
   * @param wanted outputs, or tensors within
   * @return the graph itself where leaving out the rest would not be felt
   * @throws WrongUseException if a name is neither an output nor within the graph
   */
  OnnxGraph cut(Collection<String> wanted) {
    GraphProto graph = model.getGraph();
    List<String> outputs = outputNames();
    for (String tensor : wanted) {
      if (!outputs.contains(tensor) && !makes(tensor)) {
        throw noSuchOutput(tensor);
      }
    }
    Set<String> needed = new HashSet<>(wanted);
    List<NodeProto> kept = new ArrayList<>();
    long idleLayers = 0;
    for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
      NodeProto node = graph.getNode(i);
      if (node.getOutputList().stream().anyMatch(needed::contains)) {
        kept.add(node);
        addInputs(node, needed);
      } else if (HEAVY.contains(node.getOpType())) {
        idleLayers++;
      }
    }
    boolean sameInputs = needed.containsAll(inputNames());
    if (sameInputs && idleLayers <= IDLE_LAYERS && outputs.containsAll(wanted)) {
      return this;
    }
    GraphProto.Builder part = graph.toBuilder();
    part.clearNode().clearInput().clearInitializer().clearOutput().clearValueInfo();
    part.clearSparseInitializer();
    for (int i = kept.size() - 1; i >= 0; i--) {
      part.addNode(kept.get(i));
    }
    graph.getInputList().stream().filter(i -> needed.contains(i.getName())).forEach(part::addInput);
    graph.getInitializerList().stream()
        .filter(w -> needed.contains(w.getName()))
        .forEach(part::addInitializer);
    graph.getSparseInitializerList().stream()
        .filter(w -> needed.contains(w.getValues().getName()))
        .forEach(part::addSparseInitializer);
    Map<String, ValueInfoProto> known =
        Stream.concat(graph.getOutputList().stream(), graph.getValueInfoList().stream())
            .collect(Collectors.toMap(ValueInfoProto::getName, info -> info, (a, b) -> a));
    for (String tensor : wanted) {
      part.addOutput(
          known.getOrDefault(tensor, ValueInfoProto.newBuilder().setName(tensor).build()));
    }
    return new OnnxGraph(name, model.toBuilder().setGraph(part).build());
  }

  /** Inputs, and what subgraphs take from outside without naming it as an input. */
  private static void addInputs(NodeProto node, Set<String> into) {
    into.addAll(node.getInputList());
    subgraphs(node)
        .forEach(
            graph -> {
              graph.getNodeList().forEach(inner -> addInputs(inner, into));
              graph.getOutputList().forEach(output -> into.add(output.getName()));
            });
  }

  /** The message for an output that is not there, with those that are. */
  WrongUseException noSuchOutput(String output) {
    return new WrongUseException(
        "%s has no output '%s'; its outputs are: %s"
            .formatted(name, output, String.join(", ", outputNames())));
  }

  /** Its bytes, outside Java's heap, for the runtime to load. */
  ByteBuffer bytes() {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(model.getSerializedSize()).order(ByteOrder.nativeOrder());
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      model.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.rewind();
  }
}
