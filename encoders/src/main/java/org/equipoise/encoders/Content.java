package org.equipoise.encoders;

import org.equipoise.core.Modality;
import org.equipoise.media.RgbImage;

/** What an encoder takes of a post: one modality, ready to be read. */
public sealed interface Content extends Prepared {
  /** The modality that it is of. */
  Modality modality();

  /**
   * A text after cleaning.
   *
   * @param text never blank
   */
  record Text(String text) implements Content {
    @Override
    public Modality modality() {
      return Modality.TEXT;
    }
  }

  /**
   * A decoded picture.
   *
   * @param image the pixels
   */
  record Image(RgbImage image) implements Content {
    @Override
    public Modality modality() {
      return Modality.IMAGE;
    }
  }
}
