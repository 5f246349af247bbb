package org.equipoise.systems.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import org.equipoise.core.WrongUseException;
import org.junit.jupiter.api.Test;

class EnginesTest {
  @Test
  void theNumberOfThreadsIsTheOneAskedFor() {
    for (int threads : new int[] {1, 2, 1}) {
      assertThat(Engines.start(threads)).isEqualTo(Device.cpu());
      assertThat(JniUtils.getNumThreads()).isEqualTo(threads);
    }
  }

  @Test
  void noThreadsAreWrongUse() {
    assertThatThrownBy(() -> Engines.start(0))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("at least 1");
  }

  @Test
  void anUnknownDeviceIsAnsweredWithTheKnownOnes() {
    assertThatThrownBy(() -> Engines.start(1, "gpu"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("gpu")
        .hasMessageContaining("cpu, cuda");
  }

  @Test
  void cudaWithoutAGpuSaysWhatToDo() {
    Engines.start(1);
    assumeTrue(
        Engine.getEngine("PyTorch").getGpuCount() == 0, "this machine has a GPU: nothing to see");
    assertThatThrownBy(() -> Engines.start(1, "CUDA"))
        .isInstanceOf(WrongUseException.class)
        .hasMessageContaining("--device cpu");
  }

  @Test
  void djlIsKeptFromReportingItsUse() {
    Engines.start(1);
    assertThat(System.getProperty("OPT_OUT_TRACKING")).isEqualTo("true");
    assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
  }

  @Test
  void theSameSeedDrawsTheSameNumbers() {
    Engines.start(2);
    try (NDManager manager = NDManager.newBaseManager()) {
      Engines.seed(5);
      NDArray first = manager.randomUniform(0, 1, new Shape(100));
      NDArray second = manager.randomUniform(0, 1, new Shape(100));
      Engines.seed(5);
      NDArray again = manager.randomUniform(0, 1, new Shape(100));
      assertThat(again.toFloatArray()).isEqualTo(first.toFloatArray());
      assertThat(again.toFloatArray()).isNotEqualTo(second.toFloatArray());
    }
  }

  @Test
  void withoutGradientsNoThreadRecords() throws InterruptedException {
    Engines.start(1);
    boolean[] seen = new boolean[2];
    Thread thread =
        new Thread(
            () -> {
              seen[0] = Engines.withoutGradients(JniUtils::isGradMode);
              seen[1] = JniUtils.isGradMode();
            });
    thread.start();
    thread.join();
    assertThat(seen).containsExactly(false, true);
  }
}
