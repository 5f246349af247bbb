package org.equipoise.lab.run;

import java.nio.file.Path;
import java.util.Map;
import org.equipoise.core.Progress;
import org.equipoise.core.features.FeatureExtractor;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Home;
import org.equipoise.core.io.Json;
import org.equipoise.core.safetensors.DType;
import org.equipoise.data.Dataset;
import org.equipoise.encoders.EncodeJob;
import org.equipoise.encoders.ExtractorOpening;
import org.equipoise.encoders.FeatureStore;

/** Feature stores that were encoded on the way, under {@code EQUIPOISE_HOME}, each made once. */
final class CachedStores {
  private CachedStores() {}

  /** The store of these posts' features, encoded now unless it is there. */
  static FeatureStore get(Dataset data, ExtractorOpening encoders, int threads, Progress progress) {
    // kept open meanwhile: what the job opens shares the networks' weights
    try (FeatureExtractor extractor = encoders.open(1, Map.of())) {
      String record = data.fingerprint() + "\n" + Json.line(extractor.spec());
      String key = Hashes.sha256(record).substring(0, 32);
      Path folder = Home.path().resolve("features").resolve(key);
      if (!FeatureStore.exists(folder)) {
        new EncodeJob(encoders, new EncodeJob.Options(DType.F32, threads))
            .run(data.posts(), data.posts().size(), data.fingerprint(), folder, progress);
      }
      return FeatureStore.open(folder);
    }
  }
}
