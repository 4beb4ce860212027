package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.baton.testkit.BatonProcess;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A worker that is asked for CUDA where there is none. */
class CudaStartTest {

  @Test
  void aWorkerWithoutADriverSaysSoAndWhatToDo() throws Exception {
    assumeFalse(hasDriver(), "there is a driver here");
    try (var worker =
        BatonProcess.start(
            "cuda-worker",
            Map.of(),
            List.of(
                "worker",
                "--set",
                "id=gpu-1",
                "--set",
                "engine=cuda",
                "--set",
                "builtin.model_path=" + TestFleet.MODEL))) {
      assertThat(worker.awaitExit()).isEqualTo(1);
      assertThat(worker.output())
          .contains("no NVIDIA driver: libcuda.so.1 was not found")
          .contains("To do: install the driver")
          .doesNotContain("Exception");
    }
  }

  private static boolean hasDriver() {
    try {
      return SymbolLookup.libraryLookup("libcuda.so.1", Arena.global()) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
