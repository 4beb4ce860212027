package io.baton.engine.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.engine.cuda.fake.FakeCuda;
import org.junit.jupiter.api.Test;

class KernelArgumentsTest {

  @Test
  void argumentsArriveInOrderAndCanBeChanged() {
    var cuda = new FakeCuda();
    var seen = new StringBuilder();
    cuda.kernel(
        "kernel",
        launch ->
            seen.append(launch.longAt(0))
                .append(' ')
                .append(launch.intAt(1))
                .append(' ')
                .append(launch.floatAt(2))
                .append(launch.gridX() == 5 ? " dependent;" : ";"));
    CudaDevice device = CudaDevice.open(cuda, 0, CudaDevice.Waiting.BLOCKING);
    CudaFunction function = device.load(cubin()).function("kernel");
    CudaStream stream = device.newStream();
    var arguments = KernelArguments.of(1L << 40, 7, 1.5f);

    function.launch(stream, LaunchShape.of(1, 32), arguments);
    arguments.set(0, 2L).set(1, -3).set(2, 0.25f);
    function.launchDependent(stream, new DependentLaunch(LaunchShape.of(5, 32)), arguments);

    assertThat(seen).hasToString((1L << 40) + " 7 1.5;2 -3 0.25 dependent;");
  }

  private static byte[] cubin() {
    byte[] code = new byte[16];
    java.nio.ByteBuffer.wrap(code).order(java.nio.ByteOrder.nativeOrder()).putInt(0x464b4355);
    return code;
  }

  @Test
  void mistakesAreTold() {
    assertThatThrownBy(() -> KernelArguments.of("text"))
        .hasMessage("argument 0: text (expected: a Long, Integer or Float)");
    assertThatThrownBy(() -> KernelArguments.ofCount(2).set(2, 0))
        .hasMessage("argument: 2 (expected: 0 to 1)");
  }
}
