package io.baton.engine.cuda.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.engine.cuda.driver.CublasLtApi;
import io.baton.engine.cuda.driver.DriverApi;
import io.baton.engine.cuda.driver.LaunchApi;
import io.baton.engine.cuda.driver.NvrtcApi;
import io.baton.engine.cuda.fake.FakeCuda;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The stand-in does what the bindings do; on a GPU the same test runs over these. */
class BindingConformanceTest {
  /** Called elsewhere: by processes, by several devices, by dependent launches, by mapped files. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "cuIpcOpenMemHandle",
          "cuIpcCloseMemHandle",
          "cuLaunchKernelEx",
          "cuMemHostRegister",
          "cuMemHostUnregister",
          "cublasLtMatmulAlgoCheck",
          "cublasLtMatmulAlgoConfigGetAttribute");

  static FakeCuda device() {
    return new FakeCuda()
        .kernel(
            "count_up",
            launch -> {
              int next = readInt(launch.longAt(0)) + launch.intAt(2);
              writeInt(launch.longAt(0), next);
              writeInt(launch.longAt(1), next);
            });
  }

  private static int readInt(long address) {
    return MemorySegment.ofAddress(address).reinterpret(4).get(ValueLayout.JAVA_INT, 0);
  }

  private static void writeInt(long address, int value) {
    MemorySegment.ofAddress(address).reinterpret(4).set(ValueLayout.JAVA_INT, 0, value);
  }

  @Test
  void theStandInPassesAndNothingIsLeftOpen() {
    var cuda = device();

    BindingConformance.run(cuda);

    assertThat(cuda.leftOpen()).isEmpty();
  }

  @Test
  void itCallsEveryFunctionOfTheInterfaces() {
    var cuda = device();

    BindingConformance.run(cuda);

    var uncalled = new TreeSet<String>();
    Stream.of(DriverApi.class, LaunchApi.class, NvrtcApi.class, CublasLtApi.class)
        .flatMap(type -> Stream.of(type.getDeclaredMethods()))
        .map(Method::getName)
        .forEach(uncalled::add);
    cuda.calls().forEach(call -> uncalled.remove(call.function()));
    assertThat(uncalled).isEqualTo(new TreeSet<>(ELSEWHERE));
  }
}
