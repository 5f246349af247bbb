package org.equipoise.systems;

import java.util.List;
import org.equipoise.core.Names;
import org.equipoise.systems.bmlhf.BmlhfFactory;
import org.equipoise.systems.bmlhf.BmlhfVariant;
import org.equipoise.systems.bmr.Bmr;
import org.equipoise.systems.cafe.Cafe;
import org.equipoise.systems.eann.Eann;
import org.equipoise.systems.hmcan.Hmcan;
import org.equipoise.systems.logicdm.LogicDm;
import org.equipoise.systems.mrml.Mrml;
import org.equipoise.systems.mttv.Mttv;
import org.equipoise.systems.qmfnd.Qmfnd;
import org.equipoise.systems.safe.Safe;
import org.equipoise.systems.single.OneView;
import org.equipoise.systems.spotfake.SpotFakePlus;

/** All systems there are. A new one is its factory's class and one line here. */
public final class Systems {
  private static final List<SystemFactory> ALL =
      List.of(
          OneView.Factory.BERT,
          OneView.Factory.SWIN,
          new Eann.Factory(),
          new SpotFakePlus.Factory(),
          new Safe.Factory(),
          new Cafe.Factory(),
          new Mrml.Factory(),
          new LogicDm.Factory(),
          new Qmfnd.Factory(),
          new Bmr.Factory(),
          new Mttv.Factory(),
          new Hmcan.Factory(),
          new BmlhfFactory(BmlhfVariant.WHOLE),
          new BmlhfFactory(BmlhfVariant.WITHOUT_BALANCER),
          new BmlhfFactory(BmlhfVariant.WITHOUT_FUSION),
          new BmlhfFactory(BmlhfVariant.WITHOUT_CROSS),
          new BmlhfFactory(BmlhfVariant.WITHOUT_CROSS_AND_FUSION),
          new BmlhfFactory(BmlhfVariant.WITHOUT_INTRA_MODAL),
          new BmlhfFactory(BmlhfVariant.WITHOUT_INTER_MODAL));

  private Systems() {}

  /** In the order in which they are listed to users. */
  public static List<SystemFactory> all() {
    return ALL;
  }

  /**
   * The system of that name, without regard to case.
   *
   * @throws org.equipoise.core.WrongUseException if there is none; the message lists all and the
   *     nearest
   */
  public static SystemFactory find(String name) {
    return Names.choose("system", name, ALL, SystemFactory::name);
  }
}
