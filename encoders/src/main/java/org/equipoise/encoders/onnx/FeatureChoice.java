package org.equipoise.encoders.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.equipoise.core.Form;
import org.equipoise.core.Modality;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Settings;
import org.equipoise.core.io.Json;
import org.equipoise.encoders.hub.ModelFiles;

/**
 * Which output of a graph is the feature, and how it is read: as the settings say, or as is usual
 * for the kind of model.
 */
final class FeatureChoice {
  private final Form form;
  private final ModelFiles model;
  private final Modality modality;
  private final ModelConfig config;
  private final OnnxGraph graph;
  private final Settings settings;

  FeatureChoice(
      Form form, ModelFiles model, ModelLayout layout, OnnxGraph graph, Settings settings) {
    this.form = form;
    this.model = model;
    this.modality = layout.modality();
    this.config = layout.config();
    this.graph = graph;
    this.settings = settings;
  }

  /** The output that is asked of the network. */
  String output() {
    String asked =
        settings.get(form == Form.TOKENS ? OnnxEncoders.TOKEN_OUTPUT : OnnxEncoders.OUTPUT);
    if (!asked.isEmpty()) {
      if (!graph.outputNames().contains(asked) && !graph.makes(asked)) {
        throw graph.noSuchOutput(asked);
      }
      return asked;
    }
    if (form == Form.TOKENS) {
      for (String tokens : List.of("last_hidden_state", "token_embeddings")) {
        if (graph.outputNames().contains(tokens)) {
          return tokens;
        }
      }
      if (!settings.get(OnnxEncoders.OUTPUT).isEmpty()) {
        return settings.get(OnnxEncoders.OUTPUT);
      }
    }
    return preferred().stream()
        .filter(this::gives)
        .findFirst()
        .orElseThrow(
            () ->
                new WrongUseException(
                    "which output of %s is the feature? Set 'output' to one of: %s"
                        .formatted(graph.name(), String.join(", ", graph.outputNames()))));
  }

  private boolean gives(String output) {
    return graph.outputNames().contains(output)
        && (!output.equals("logits") || graph.rank(output) <= 2);
  }

  /** Outputs in the order of {@link OnnxEncoders}' table. */
  private List<String> preferred() {
    if (modality == Modality.TEXT) {
      if (model.has(ModelLayout.POOLING)) {
        return List.of("last_hidden_state", "token_embeddings", "sentence_embedding");
      }
      return config.hasTowers() || config.fillsUp()
          ? List.of("text_embeds", "pooler_output", "last_hidden_state")
          : List.of(
              "text_embeds",
              "sentence_embedding",
              "last_hidden_state",
              "token_embeddings",
              "pooler_output",
              "logits");
    }
    return firstTokenIsFeature()
        ? List.of("image_embeds", "last_hidden_state", "pooler_output", "logits")
        : List.of("image_embeds", "pooler_output", "logits", "last_hidden_state");
  }

  private boolean firstTokenIsFeature() {
    return modality == Modality.IMAGE && Set.of("vit", "deit").contains(config.modelType());
  }

  /**
   * How it is read.
   *
   * @param shape of the output for one content
   * @throws WrongUseException if it is no feature
   */
  Readout readout(String output, long[] shape) {
    if (shape.length < 2 || shape.length > 4) {
      throw new WrongUseException(
          "output '%s' of %s has %d axes, which is no feature; its outputs are: %s"
              .formatted(
                  output, graph.name(), shape.length, String.join(", ", graph.outputNames())));
    }
    return new Readout(output, pooling(output, shape), settings.get(OnnxEncoders.NORMALIZE), form);
  }

  private Readout.Pooling pooling(String output, long[] shape) {
    if (shape.length == 2) {
      return Readout.Pooling.NONE;
    }
    return switch (settings.get(OnnxEncoders.POOLING)) {
      case "mean" -> Readout.Pooling.MEAN;
      case "first" -> Readout.Pooling.FIRST;
      case "none" -> {
        if (form == Form.POOLED && Readout.tokens(shape) > 1) {
          throw new WrongUseException(
              "output '%s' of %s has one row for each of its tokens: set 'pooling' to mean or first"
                  .formatted(output, graph.name()));
        }
        yield Readout.Pooling.NONE;
      }
      default -> usualPooling();
    };
  }

  private Readout.Pooling usualPooling() {
    if (modality == Modality.TEXT && model.has(ModelLayout.POOLING)) {
      Path file = model.get(ModelLayout.POOLING);
      JsonNode json = Json.read(file);
      if (json.path("pooling_mode_mean_tokens").asBoolean(false)) {
        return Readout.Pooling.MEAN;
      }
      if (json.path("pooling_mode_cls_token").asBoolean(false)) {
        return Readout.Pooling.FIRST;
      }
      throw new WrongUseException(
          file + " pools neither by mean nor by first token: set 'pooling' to mean or first");
    }
    return firstTokenIsFeature() ? Readout.Pooling.FIRST : Readout.Pooling.MEAN;
  }
}
