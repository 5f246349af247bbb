package org.equipoise.training.balance;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;
import org.equipoise.systems.DetectionSystem;
import org.equipoise.systems.SystemContext;
import org.equipoise.training.Visit;

/**
 * Fine-grained valuation of modalities (Wei et al., CVPR 2024). What a set of modalities is worth
 * for a post is its size where the verdict from these alone is right, else 0; a modality's
 * contribution is its Shapley value. After a warm-up, each epoch also visits copies of posts in
 * which only a modality that contributed little is kept.
 */
public final class SampleValuation implements Balancer {
  /** The name that users type. */
  public static final String NAME = "sample-valuation";

  public static final Setting<String> LEVEL =
      Setting.choice(
          "sample_valuation.level",
          "sample",
          List.of("sample", "modality"),
          "Whether each post gets copies by its own contributions, or a share of all posts by the"
              + " gap between the modalities' means on a fifth of them (published code: both)");

  public static final Setting<Integer> WARM_UP =
      Setting.integer(
          "sample_valuation.warm_up",
          5,
          0,
          100_000,
          "Epochs before the first valuation (published code: 5); balancer.period wins where given");

  public static final Setting<Double> ALPHA =
      Setting.number(
          "sample_valuation.alpha",
          1,
          0,
          100,
          "What the share of posts of the modality level is multiplied by (published code)");

  static final List<Setting<?>> SETTINGS = List.of(LEVEL, WARM_UP, ALPHA);

  private static final double FIFTH = 0.2;

  private final Settings settings;
  private final int warmUp;
  private final int period;
  private Units units;
  private TrainingRun run;
  private Map<String, Double> contributions = Map.of();
  private Map<String, Double> copies = Map.of();

  public SampleValuation(Settings settings) {
    this.settings = settings;
    warmUp = Balancers.period(settings, settings.get(WARM_UP));
    period = Balancers.period(settings, 1);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public DetectionSystem adapt(DetectionSystem system, SystemContext context) {
    units = Units.several(NAME, system, settings);
    return system;
  }

  @Override
  public void begin(TrainingRun training) {
    run = training;
  }

  @Override
  public List<Visit> beforeEpoch(int epoch, List<Visit> posts) {
    int since = epoch - 1 - warmUp;
    contributions = Map.of();
    copies = Map.of();
    if (since < 0 || since % period != 0) {
      return posts;
    }
    SplittableRandom random = new SplittableRandom(run.seed("copies", epoch));
    boolean bySample = settings.get(LEVEL).equals("sample");
    List<Visit> valued =
        bySample ? posts : posts.stream().filter(p -> random.nextDouble() < FIFTH).toList();
    Map<String, double[]> values = contributions(valued);
    contributions = means(values);
    List<Visit> visits = new ArrayList<>(posts);
    visits.addAll(bySample ? copies(valued, values) : resampled(posts, random));
    return visits;
  }

  /** By unit, each post's Shapley value. */
  private Map<String, double[]> contributions(List<Visit> posts) {
    List<String> names = units.names();
    boolean[][] right = new boolean[Subsets.all(names.size()) + 1][posts.size()];
    for (int set = 1; set < right.length; set++) {
      Set<String> without = units.viewNames(Subsets.missing(set, names));
      boolean[] verdicts = right[set];
      int[] next = new int[1];
      run.score(
          run.training(),
          posts.stream().map(post -> new Visit(post.row(), without)).toList(),
          (output, labels) -> {
            long[] said = argMax(output.logits());
            for (int i = 0; i < labels.length; i++) {
              verdicts[next[0]++] = said[i] == labels[i];
            }
          });
    }
    Map<String, double[]> values = new LinkedHashMap<>();
    for (int u = 0; u < names.size(); u++) {
      int unit = u;
      values.put(
          names.get(u),
          IntStream.range(0, posts.size())
              .mapToDouble(i -> contribution(unit, names.size(), set -> right[set][i]))
              .toArray());
    }
    return values;
  }

  private static long[] argMax(NDArray logits) {
    return logits.argMax(1).toLongArray();
  }

  /** Whether the verdict from a set of units is right. */
  interface Verdicts {
    boolean right(int set);
  }

  /** A unit's Shapley value, a set being worth its size where its verdict is right. */
  static double contribution(int unit, int units, Verdicts verdicts) {
    return Subsets.shapley(
        unit, units, set -> set != 0 && verdicts.right(set) ? Integer.bitCount(set) : 0);
  }

  /** How many copies of a post keep only the unit that contributed so much. */
  static int copies(double contribution) {
    if (contribution > 0.4 && contribution < 1) {
      return 1;
    }
    if (contribution > -0.1 && contribution < 0.4) {
      return 2;
    }
    return contribution < -0.1 ? 3 : 0;
  }

  /** What share of all posts is added: {@code |gap_1 − gap_2| · ⅔ · α}, the widest two. */
  static double share(Map<String, Double> contributions, double alpha) {
    double most = contributions.values().stream().mapToDouble(c -> 1 - c).max().orElse(0);
    double least = contributions.values().stream().mapToDouble(c -> 1 - c).min().orElse(0);
    return Math.abs(most - least) * 2 / 3 * alpha;
  }

  private static Map<String, Double> means(Map<String, double[]> values) {
    Map<String, Double> means = new LinkedHashMap<>();
    values.forEach((unit, each) -> means.put(unit, Arrays.stream(each).average().orElse(0)));
    return means;
  }

  private List<Visit> copies(List<Visit> posts, Map<String, double[]> values) {
    List<Visit> made = new ArrayList<>();
    Map<String, Double> counts = new LinkedHashMap<>();
    values.forEach(
        (unit, each) -> {
          Set<String> without = others(unit);
          int before = made.size();
          for (int i = 0; i < each.length; i++) {
            Visit copy = new Visit(posts.get(i).row(), without);
            IntStream.range(0, copies(each[i])).forEach(n -> made.add(copy));
          }
          counts.put(unit, (double) (made.size() - before) / posts.size());
        });
    copies = counts;
    return made;
  }

  private List<Visit> resampled(List<Visit> posts, SplittableRandom random) {
    String worse =
        contributions.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
    int count = (int) (share(contributions, settings.get(ALPHA)) * posts.size());
    Set<String> without = others(worse);
    copies = Map.of(worse, (double) count / posts.size());
    return random
        .ints(count, 0, posts.size())
        .mapToObj(i -> new Visit(posts.get(i).row(), without))
        .toList();
  }

  /** The views of all other units. */
  private Set<String> others(String unit) {
    return units.viewNames(units.names().stream().filter(name -> !name.equals(unit)).toList());
  }

  @Override
  public Balance judge(Step step, DetectionSystem.Output output) {
    Balance balance = Balance.watching(ViewFigures.of(output, step.labels()));
    return contributions.isEmpty()
        ? balance
        : balance.noting("contribution", contributions).noting("copies", copies);
  }
}
