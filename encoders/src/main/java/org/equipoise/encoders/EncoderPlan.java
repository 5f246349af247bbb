package org.equipoise.encoders;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.equipoise.core.Form;

/**
 * Which encoders a job opens, and what they may use of the machine.
 *
 * @param set the encoders
 * @param form tokens or pooled
 * @param options the machine's share; the number of threads is the job's
 */
public record EncoderPlan(EncoderSet set, Form form, EncoderOptions options)
    implements ExtractorOpening {
  /** Measuring takes a second or two and as long again for loading: it must pay. */
  private static final long FEWEST_POSTS = 500;

  @Override
  public StagedExtractor open(int threads, Map<String, Integer> threadsEach) {
    return Encoders.open(set, form, options.withThreads(threads), threadsEach);
  }

  @Override
  public Map<String, Integer> chooseThreads(int threads, long posts) {
    if (threads == 1
        || options.threadsEach().isPresent()
        || options.device() != EncoderOptions.Device.CPU
        || (posts >= 0 && posts < FEWEST_POSTS)) {
      return Map.of();
    }
    List<EncoderSet.Entry> networks = set.views().stream().filter(Encoders::takesThreads).toList();
    ThreadChoice choice = new ThreadChoice(threads, networks.size());
    Map<String, Integer> chosen = new LinkedHashMap<>();
    for (EncoderSet.Entry entry : networks) {
      chosen.put(
          entry.view(),
          choice.best(
              each ->
                  Encoders.open(entry, form, options.withThreads(threads).withThreadsEach(each))));
    }
    return chosen;
  }

  @Override
  public EncoderOptions.Device device() {
    return options.device();
  }
}
