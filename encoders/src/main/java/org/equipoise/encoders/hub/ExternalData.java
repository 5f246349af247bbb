package org.equipoise.encoders.hub;

import java.util.Collection;
import java.util.List;

/**
 * Weights that a graph keeps in files beside it, by the names that exporters give: {@code
 * model.onnx_data}, {@code model.onnx_data_1}, {@code model.onnx.data}.
 */
public final class ExternalData {
  private static final String GRAPH = ".onnx";

  private ExternalData() {}

  /** Those of the paths that hold weights of a graph. */
  public static List<String> of(String graph, Collection<String> paths) {
    return paths.stream().filter(path -> belongs(path, graph)).sorted().toList();
  }

  static boolean belongs(String path, String graph) {
    return graph.endsWith(GRAPH)
        && path.startsWith(graph)
        && path.substring(graph.length()).matches("[._]data.*");
  }
}
