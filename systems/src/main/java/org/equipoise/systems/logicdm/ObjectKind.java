package org.equipoise.systems.logicdm;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.equipoise.core.Modality;

/** What an atom can be about: a text token, an image patch, or an ordered pair of nodes. */
enum ObjectKind {
  T(Modality.TEXT),
  V(Modality.IMAGE),
  TT(Modality.TEXT, Modality.TEXT),
  TV(Modality.TEXT, Modality.IMAGE),
  VV(Modality.IMAGE, Modality.IMAGE);

  private final List<Modality> parts;

  ObjectKind(Modality... parts) {
    this.parts = List.of(parts);
  }

  /** What the object's parts are of. */
  List<Modality> parts() {
    return parts;
  }

  boolean pair() {
    return parts.size() == 2;
  }

  /** Those that exist where there are only these modalities. */
  static List<ObjectKind> of(Collection<Modality> modalities) {
    return Stream.of(values()).filter(kind -> modalities.containsAll(kind.parts)).toList();
  }
}
