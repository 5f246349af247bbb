package org.equipoise.core.safetensors;

import java.util.Arrays;
import java.util.List;

/**
 * What a safetensors header says of one tensor.
 *
 * @param name the tensor's name
 * @param type number format
 * @param shape sizes, outermost first; empty for a scalar
 */
public record TensorInfo(String name, DType type, List<Long> shape) {
  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /** For shapes known as numbers. */
  public static TensorInfo of(String name, DType type, long... shape) {
    return new TensorInfo(name, type, Arrays.stream(shape).boxed().toList());
  }

  /** How many numbers it holds. */
  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** How many bytes it takes. */
  public long size() {
    return Math.multiplyExact(elements(), type.bytes());
  }

  /** The shape as plain numbers. */
  public long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
