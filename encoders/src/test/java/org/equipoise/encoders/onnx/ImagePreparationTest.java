package org.equipoise.encoders.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.equipoise.core.WrongUseException;
import org.equipoise.core.io.Hashes;
import org.equipoise.core.io.Json;
import org.equipoise.media.RgbImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ImagePreparationTest {
  /**
   * Configurations, and SHA-256 of the {@code pixel_values} (float32, little-endian) that the image
   * processors of transformers 5.23.0 on Pillow 13.0.0 make of {@link #image()}.
   */
  static List<Arguments> processors() {
    return List.of(
        Arguments.of(
            """
            {"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 14}, "crop_pct": 0.875, "resample": 3, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
            """,
            14,
            14,
            "a00f1f9e3e90bf7f42e53bd1df5f913571f087d4be9384a589c6067627aed417"),
        Arguments.of(
            """
            {"feature_extractor_type": "ConvNextFeatureExtractor", "size": 384, "resample": 2}
            """,
            384,
            384,
            "13b93d88ffc64d18d6a5e758f69cebdd1088e4e2043e2abd5a3b5a1727745db8"),
        Arguments.of(
            """
            {"image_processor_type": "ViTImageProcessor"}
            """,
            224,
            224,
            "8c89fa997e839e423a4ff3d2440921d2640ff61e592a7601e18e56d595f707fc"),
        Arguments.of(
            """
            {"image_processor_type": "DeiTImageProcessor", "size": 20, "crop_size": 16}
            """,
            16,
            16,
            "a2d3b2958b3166c6a4ca7a456d54bcb9381c6cc55bd90742119e0f77e4a9ae85"),
        Arguments.of(
            """
            {"image_processor_type": "SiglipImageProcessor", "size": {"height": 16, "width": 12}}
            """,
            12,
            16,
            "2486e146c86f87efeec92f917381bed3792d2b8befa8a5e351206038511aec96"),
        Arguments.of(
            """
            {"image_processor_type": "EfficientNetImageProcessor", "size": {"height": 19, "width": 23}, "rescale_factor": 0.00784313725490196, "rescale_offset": true, "do_normalize": false, "include_top": false}
            """,
            23,
            19,
            "0bd655af734f770aa091b66337098e0794f8e1c830d8ae760c60b729d564e014"),
        Arguments.of(
            """
            {"image_processor_type": "EfficientNetImageProcessor", "size": {"height": 19, "width": 23}, "resample": 0, "image_std": [0.229, 0.224, 0.225]}
            """,
            23,
            19,
            "ff07edb6cc42fa634529c8c5f53835fbedc8cbe87fde8c0ecd9faebd4731b5ac"),
        Arguments.of(
            """
            {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 17}, "crop_size": 24}
            """,
            24,
            24,
            "7016a522bb01be982b0fab5db907fdd3f1b996fa5866fa99fdcd4a66c53277de"),
        Arguments.of(
            """
            {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 18}, "crop_size": {"height": 12, "width": 16}, "resample": "lanczos"}
            """,
            16,
            12,
            "9c92cf6d5265e71f57311eebbfd4742c080aec5b36998085e1e25fe7f3098214"),
        Arguments.of(
            """
            {"image_processor_type": "ChineseCLIPImageProcessor", "size": {"height": 16, "width": 16}, "crop_size": {"height": 16, "width": 16}}
            """,
            16,
            16,
            "20456084bcbe79179647de3b85fd6b8370a954e3d9472b1a33ac5293eeb20037"),
        Arguments.of(
            """
            {"image_processor_type": "BlipImageProcessor", "size": {"height": 16, "width": 16}}
            """,
            16,
            16,
            "20456084bcbe79179647de3b85fd6b8370a954e3d9472b1a33ac5293eeb20037"),
        Arguments.of(
            """
            {"image_processor_type": "BeitImageProcessor", "size": 24, "crop_size": 20, "do_center_crop": true}
            """,
            20,
            20,
            "6ce887ffbd4325a54a5b948c73701393356e930c281cca120f5ab7bf822f6e1c"),
        Arguments.of(
            """
            {"image_processor_type": "BeitImageProcessor", "size": 24}
            """,
            24,
            24,
            "0f3f276e50444f7a981f5472529bb73442228f2c61c505e3ce985e9ad3e08b4f"));
  }

  /** 41 x 35 pixels by a rule. */
  private static RgbImage image() {
    byte[] pixels = new byte[41 * 35 * 3];
    for (int y = 0; y < 35; y++) {
      for (int x = 0; x < 41; x++) {
        for (int channel = 0; channel < 3; channel++) {
          pixels[(y * 41 + x) * 3 + channel] = (byte) (x * 7 + y * 13 + channel * 29 + x * y);
        }
      }
    }
    return new RgbImage(41, 35, pixels);
  }

  @ParameterizedTest
  @MethodSource("processors")
  void pixel_values_are_those_of_the_image_processor(
      String config, int width, int height, String sha256) throws JsonProcessingException {
    ImagePreparation preparation =
        ImagePreparation.read(Json.MAPPER.readTree(config), "", "a test");
    assertThat(preparation.width()).isEqualTo(width);
    assertThat(preparation.height()).isEqualTo(height);
    float[] values = new float[3 * width * height];
    preparation.write(preparation.prepare(image()), values, 0);
    assertThat(Hashes.sha256(GoldenModels.littleEndian(values))).isEqualTo(sha256);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"do_resize\": \"no\"} | do_resize",
        "{\"do_sharpen\": true} | do_sharpen",
        "{\"rescale_factor\": \"x\"} | rescale_factor",
        "{\"rescale_factor\": 0} | rescale_factor",
        "{\"rescale_factor\": 1e300} | rescale_factor",
        "{\"image_mean\": [\"a\", 1, 1]} | image_mean",
        "{\"image_mean\": [null, 1, 1]} | image_mean",
        "{\"image_std\": [0, 1, 1]} | image_std",
        "{\"size\": 2147483647} | size",
        "{\"size\": {\"height\": 20000, \"width\": 1}} | size",
        "[] | keys and values"
      })
  void what_would_change_pixels_unseen_is_refused_with_its_key(String config, String key)
      throws JsonProcessingException {
    JsonNode json = Json.MAPPER.readTree(config);
    assertThatThrownBy(() -> ImagePreparation.read(json, "vit", "the file"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("the file")
        .hasMessageContaining(key);
  }
}
