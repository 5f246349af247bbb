package org.equipoise.encoders;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.equipoise.core.Form;
import org.equipoise.core.Kind;
import org.equipoise.core.Names;
import org.equipoise.core.Progress;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.config.Schema;
import org.equipoise.core.config.Settings;
import org.equipoise.core.features.EncoderInfo;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.core.features.FeatureExtractorProvider;
import org.equipoise.core.features.FeatureSpec;
import org.equipoise.encoders.builtin.ColourLayout;
import org.equipoise.encoders.builtin.ForensicTraces;
import org.equipoise.encoders.builtin.HashedNgrams;
import org.equipoise.encoders.builtin.MiniLm;
import org.equipoise.encoders.hub.ModelFiles;
import org.equipoise.encoders.hub.Models;
import org.equipoise.encoders.onnx.OnnxEncoders;

/** Opens encoders by name. */
public final class Encoders {
  private Encoders() {}

  /** An encoder that can be named in an encoders' file. */
  private record Known(String name, Kind kind, Schema schema, Opening opening) {}

  private interface Opening {
    Encoder open(String view, Kind kind, Form form, Settings settings, Map<String, String> record);
  }

  private static final List<Known> KNOWN =
      List.of(
          new Known(ForensicTraces.NAME, Kind.PATTERN, ForensicTraces.SCHEMA, ForensicTraces::new),
          new Known(ColourLayout.NAME, Kind.SEMANTIC, ColourLayout.SCHEMA, ColourLayout::new),
          new Known(HashedNgrams.NAME, Kind.PATTERN, HashedNgrams.SCHEMA, HashedNgrams::new),
          new Known(MiniLm.NAME, Kind.SEMANTIC, MiniLm.SCHEMA, MiniLm::open));

  private static final String BUILTIN = "builtin/";

  /** Names of the embedded encoders. */
  public static List<String> names() {
    return KNOWN.stream().map(Known::name).toList();
  }

  /** The settings that an encoder knows: an embedded one, or any model by folder or hub id. */
  public static Schema schema(String encoder) {
    return isModel(encoder) ? OnnxEncoders.SCHEMA : find(encoder).schema;
  }

  /** Whether it is a model, named by its folder or its id on a hub, such as {@code owner/name}. */
  private static boolean isModel(String encoder) {
    return !encoder.startsWith(BUILTIN) && (encoder.contains("/") || Path.of(encoder).isAbsolute());
  }

  /**
   * Opens the encoders of a preset or a YAML file.
   *
   * @param threads how many threads they may use together
   * @throws WrongUseException if there is no such preset, file, encoder or setting
   */
  public static FeatureExtractor open(String nameOrFile, Form form, int threads) {
    return open(EncoderSet.load(nameOrFile), form, threads);
  }

  /**
   * Opens a set of encoders.
   *
   * @param threads how many threads they may use together
   * @throws WrongUseException if there is no such encoder or setting
   */
  public static FeatureExtractor open(EncoderSet set, Form form, int threads) {
    return open(set, form, EncoderOptions.threads(threads), Map.of());
  }

  /**
   * Opens a set of encoders.
   *
   * @param threadsEach how many threads each run of a view's network takes, by view; of a view that
   *     is not named, as many as the options say, or one
   * @throws WrongUseException if there is no such encoder or setting, or not the device
   */
  static StagedExtractor open(
      EncoderSet set, Form form, EncoderOptions options, Map<String, Integer> threadsEach) {
    if (options.device() == EncoderOptions.Device.CUDA
        && set.views().stream().noneMatch(Encoders::takesThreads)) {
      throw new WrongUseException(
          "the embedded encoders run on the processor alone: leave out --device cuda, or name ONNX"
              + " models in a file for --encoders");
    }
    List<Encoder> encoders = new ArrayList<>();
    try {
      for (EncoderSet.Entry entry : set.views()) {
        int each = threadsEach.getOrDefault(entry.view(), options.threadsEach().orElse(1));
        encoders.add(open(entry, form, options.withThreadsEach(each)));
      }
      return new PostExtractor(form, encoders, set.cleaning(), options);
    } catch (RuntimeException e) {
      encoders.forEach(Encoder::close);
      throw e;
    }
  }

  /** Whether an entry's encoder can make use of several threads for one run. */
  static boolean takesThreads(EncoderSet.Entry entry) {
    return isModel(entry.encoder());
  }

  /**
   * Opens one view's encoder.
   *
   * @param options with the number of threads that each run takes
   */
  static Encoder open(EncoderSet.Entry entry, Form form, EncoderOptions options) {
    Settings settings =
        ConfigMaps.settings(
            schema(entry.encoder()), entry.settings(), "settings of view '" + entry.view() + "'");
    if (isModel(entry.encoder())) {
      return OnnxEncoders.open(
          entry.view(),
          entry.kind().orElse(Kind.SEMANTIC),
          form,
          model(entry.encoder(), OnnxEncoders.revision(settings)),
          settings,
          options);
    }
    Known known = find(entry.encoder());
    return known.opening.open(
        entry.view(), entry.kind().orElse(known.kind), form, settings, ConfigMaps.words(settings));
  }

  private static ModelFiles model(String encoder, String revision) {
    return Models.ofEnvironment()
        .open(
            encoder,
            revision.isEmpty() ? Models.DEFAULT_REVISION : revision,
            Path.of(""),
            Progress.NONE);
  }

  private static Known find(String encoder) {
    return Names.choose("encoder", encoder, KNOWN, Known::name);
  }

  /**
   * Opens the encoders that features on record were made with.
   *
   * @throws WrongUseException if one is not there or is another by now; the message names the view
   */
  public static FeatureExtractor reopen(FeatureSpec spec, int threads) {
    return reopen(spec, threads, Map.of());
  }

  /**
   * Opens the encoders that features on record were made with, for a job.
   *
   * @param threadsEach as {@link ExtractorOpening#open} takes it
   * @throws WrongUseException if one is not there or is another by now; the message names the view
   */
  public static StagedExtractor reopen(
      FeatureSpec spec, int threads, Map<String, Integer> threadsEach) {
    List<EncoderSet.Entry> entries =
        spec.encoders().stream()
            .map(
                info ->
                    new EncoderSet.Entry(
                        info.view().name(),
                        info.encoder(),
                        Optional.of(info.view().kind()),
                        Map.copyOf(info.settings())))
            .toList();
    StagedExtractor extractor =
        open(
            new EncoderSet(TextCleaning.of(spec.cleaning(), "the features' cleaning"), entries),
            spec.form(),
            EncoderOptions.threads(threads),
            threadsEach);
    Optional<String> mismatch = mismatch(spec, extractor.spec());
    if (mismatch.isPresent()) {
      extractor.close();
      throw new WrongUseException(
          "these encoders are not those on record: "
              + mismatch.get()
              + "; encode and train again, or use the version of the program that was used then");
    }
    return extractor;
  }

  private static Optional<String> mismatch(FeatureSpec recorded, FeatureSpec opened) {
    for (EncoderInfo info : recorded.encoders()) {
      if (info.sha256().isBlank()) {
        return Optional.of("view '" + info.view().name() + "' has no hash on record");
      }
    }
    return recorded.mismatch(opened);
  }

  /** The service by which a trained detector reopens its encoders. */
  public static final class Provider implements FeatureExtractorProvider {
    @Override
    public FeatureExtractor open(FeatureSpec spec, int threads) {
      return reopen(spec, threads);
    }
  }
}
