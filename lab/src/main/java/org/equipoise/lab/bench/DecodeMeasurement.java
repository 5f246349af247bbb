package org.equipoise.lab.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * What decoding took. Rates are of all threads together while they do nothing else.
 *
 * @param measurement times of a repeat, reading included
 * @param formats by name
 * @param unusable files of a repeat that are broken or no pictures
 * @param decodePerSecond pictures decoded
 * @param preparePerSecond pictures resized
 */
public record DecodeMeasurement(
    Measurement measurement,
    Map<String, FormatRate> formats,
    int unusable,
    double decodePerSecond,
    double preparePerSecond) {
  /**
   * One format.
   *
   * @param images of a repeat
   * @param decodePerSecond pictures decoded
   * @param preparePerSecond pictures resized
   */
  public record FormatRate(
      @JsonProperty("images") int images,
      @JsonProperty("decode_per_second") double decodePerSecond,
      @JsonProperty("prepare_per_second") double preparePerSecond) {}

  /** The fields of {@code bench decode --json}. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = measurement.toJson();
    json.put("images_per_second", measurement.perSecond());
    json.put("decode_per_second", decodePerSecond);
    json.put("prepare_per_second", preparePerSecond);
    json.put("formats", formats);
    json.put("unusable", unusable);
    return json;
  }
}
