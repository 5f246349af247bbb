package org.equipoise.training.balance;

import java.util.List;
import java.util.function.Function;
import org.equipoise.core.Names;
import org.equipoise.core.config.Setting;
import org.equipoise.core.config.Settings;

/** Every balancer by name. A new one is a class and a line here. */
public final class Balancers {
  /** Of balancers that act every so many epochs. */
  public static final Setting<Integer> PERIOD =
      Setting.integer(
          "balancer.period",
          0,
          0,
          100_000,
          "Epochs between two actions of a balancer that acts by epochs; 0 for its authors' own");

  private static final List<Registration> ALL =
      List.of(
          new Registration(Unbalanced.NAME, List.of(), settings -> new Unbalanced()),
          new Registration(
              Mib.NAME, List.of(Mib.ALPHA1), settings -> new Mib(settings.get(Mib.ALPHA1))),
          new Registration(OgmGe.NAME, OgmGe.SETTINGS, OgmGe::new),
          new Registration(GradientBlending.NAME, GradientBlending.SETTINGS, GradientBlending::new),
          new Registration(Umt.NAME, Umt.SETTINGS, Umt::new),
          new Registration(MmCosine.NAME, MmCosine.SETTINGS, MmCosine::new),
          new Registration(SampleValuation.NAME, SampleValuation.SETTINGS, SampleValuation::new),
          new Registration(Agm.NAME, Agm.SETTINGS, Agm::new),
          new Registration(Pmr.NAME, Pmr.SETTINGS, Pmr::new),
          new Registration(MmPareto.NAME, MmPareto.SETTINGS, MmPareto::new),
          new Registration(Opm.NAME, Opm.SETTINGS, Opm::new),
          new Registration(Mla.NAME, Mla.SETTINGS, Mla::new),
          new Registration(ReconBoost.NAME, ReconBoost.SETTINGS, ReconBoost::new),
          new Registration(Amco.NAME, Amco.SETTINGS, Amco::new),
          new Registration(Lfm.NAME, Lfm.SETTINGS, Lfm::new),
          new Registration(Relearning.NAME, Relearning.SETTINGS, Relearning::new));

  private Balancers() {}

  /**
   * A balancer that can be chosen.
   *
   * @param name what users type, matched without regard to case
   * @param settings the keys that it reads
   * @param create builds it for a run's configuration
   */
  public record Registration(
      String name, List<Setting<?>> settings, Function<Settings, Balancer> create) {}

  /** All balancers. */
  public static List<Registration> all() {
    return ALL;
  }

  /** The names of all balancers. */
  public static List<String> names() {
    return ALL.stream().map(Registration::name).toList();
  }

  /** How many epochs lie between two actions. */
  static int period(Settings settings, int authors) {
    int period = settings.get(PERIOD);
    return period == 0 ? authors : period;
  }

  /**
   * The balancer of that name.
   *
   * @throws org.equipoise.core.WrongUseException if there is none; the message lists all
   */
  public static Balancer create(String name, Settings settings) {
    return Names.choose("balancer", name, ALL, Registration::name).create().apply(settings);
  }
}
