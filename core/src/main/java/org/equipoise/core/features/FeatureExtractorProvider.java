package org.equipoise.core.features;

import java.util.ServiceLoader;
import org.equipoise.core.WrongUseException;

/**
 * Opens the extractor that a stored {@link FeatureSpec} describes. The encoders' module offers one
 * as a service, so that a trained detector can score raw posts without depending on that module.
 */
public interface FeatureExtractorProvider {
  /**
   * Opens the encoders on record.
   *
   * @param threads how many threads they may use
   * @throws WrongUseException if one is not there, or is another than the one on record
   */
  FeatureExtractor open(FeatureSpec spec, int threads);

  /**
   * Opens with the provider on the class path.
   *
   * @throws WrongUseException if there is none, or as {@link #open}
   */
  static FeatureExtractor openAny(FeatureSpec spec, int threads) {
    return ServiceLoader.load(FeatureExtractorProvider.class)
        .findFirst()
        .orElseThrow(
            () ->
                new WrongUseException(
                    "no encoders on the class path: add equipoise-encoders to score raw posts"))
        .open(spec, threads);
  }
}
