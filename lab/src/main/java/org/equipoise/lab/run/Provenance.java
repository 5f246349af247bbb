package org.equipoise.lab.run;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.core.io.AtomicFiles;
import org.equipoise.core.io.Json;
import org.equipoise.core.io.Reasons;

/**
 * Where a run comes from: {@code provenance.json}.
 *
 * @param formatVersion of this file
 * @param started when the run first started
 * @param data which posts, and how they were read
 * @param dataName a few characters for people
 * @param dataFingerprint hash of their content
 * @param posts how many were read, skipped, and took part
 * @param split who trained, validated and tested
 * @param featuresFolder the store that was read
 * @param features how posts became features, for the views that the run reads
 * @param system registered name
 * @param balancer registered name
 * @param classes in the order of their numbers
 * @param seed of the training
 * @param threads of the training, kept when it goes on
 * @param versions of the program and of what computes
 * @param machine where it was trained
 * @param notice what a reader of the report must know first; empty where there is nothing
 */
record Provenance(
    @JsonProperty("format_version") int formatVersion,
    String started,
    DataDescription data,
    @JsonProperty("data_name") String dataName,
    @JsonProperty("data_fingerprint") String dataFingerprint,
    Map<String, Integer> posts,
    SplitDescription split,
    @JsonProperty("features_folder") String featuresFolder,
    FeatureSpec features,
    String system,
    String balancer,
    List<String> classes,
    long seed,
    int threads,
    Map<String, String> versions,
    Map<String, String> machine,
    String notice) {

  static final int FORMAT_VERSION = 1;

  /** Who trained, validated and tested, in numbers. */
  record SplitDescription(
      String protocol,
      long seed,
      int fold,
      int folds,
      String incomplete,
      int train,
      int validation,
      int test) {}

  static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** What computes here. */
  static Map<String, String> versionsHere() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("equipoise", version(Provenance.class, "development"));
    versions.put("java", System.getProperty("java.version"));
    versions.put("djl", Engine.getDjlVersion());
    versions.put("pytorch", Engine.getInstance().getVersion());
    return versions;
  }

  private static String version(Class<?> type, String otherwise) {
    return Optional.ofNullable(type.getPackage().getImplementationVersion()).orElse(otherwise);
  }

  /** Where it computes. */
  static Map<String, String> machineHere() {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put("arch", System.getProperty("os.arch"));
    machine.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    machine.put("heap_limit_mib", Long.toString(Runtime.getRuntime().maxMemory() / (1 << 20)));
    return machine;
  }

  /** What decides a run's result and differs between two, in words; empty if it is the same run. */
  Optional<String> difference(Provenance other) {
    if (!dataFingerprint.equals(other.dataFingerprint)) {
      return Optional.of("its posts are others (" + dataName + ")");
    }
    if (!split.equals(other.split)) {
      return Optional.of("its split is " + split + ", not " + other.split);
    }
    if (!features.equals(other.features)) {
      return Optional.of(
          features
              .mismatch(other.features)
              .map(difference -> "its features are others: " + difference)
              .orElse("its views are " + features.views() + ", not " + other.features.views()));
    }
    return Optional.empty();
  }

  void write(Path file) throws IOException {
    AtomicFiles.write(file, Json.pretty(this));
  }

  /**
   * Reads it.
   *
   * @throws WrongUseException if the file cannot be read
   */
  static Provenance read(Path file) {
    try {
      return Json.MAPPER.readValue(Files.readAllBytes(file), Provenance.class);
    } catch (JsonProcessingException e) {
      throw new WrongUseException(file + " cannot be read: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new WrongUseException("cannot read " + file + ": " + Reasons.of(e), e);
    }
  }
}
