package org.equipoise.core.safetensors;

/**
 * IEEE 754 half precision. {@code Float.float16ToFloat} does the same from Java 20 on; the project
 * supports Java 17.
 */
public final class Float16 {
  private static final float SUBNORMAL_UNIT = 0x1p-24f;

  private Float16() {}

  /** The float that the 16 bits stand for. */
  public static float toFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * SUBNORMAL_UNIT;
      return sign == 0 ? magnitude : -magnitude;
    }
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | (fraction << 13));
    }
    return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (fraction << 13));
  }

  /** The nearest half-precision number, ties to even; magnitudes above 65,504 become infinite. */
  public static short toFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 65_520f) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) {
      return (short) (sign | (int) Math.rint(magnitude / SUBNORMAL_UNIT));
    }
    int magnitudeBits = bits & 0x7fffffff;
    int rounded = magnitudeBits + 0xfff + ((magnitudeBits >> 13) & 1);
    return (short) (sign | ((rounded >> 13) - (112 << 10)));
  }
}
