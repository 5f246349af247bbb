package org.equipoise.core.safetensors;

/** The number formats of safetensors that Equipoise reads or writes. */
public enum DType {
  F16(2),
  F32(4),
  F64(8),
  U8(1),
  BOOL(1),
  I32(4),
  I64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes per number. */
  public int bytes() {
    return bytes;
  }
}
