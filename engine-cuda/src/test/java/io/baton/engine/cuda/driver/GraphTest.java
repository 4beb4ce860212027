package io.baton.engine.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.engine.cuda.fake.FakeCuda;
import org.junit.jupiter.api.Test;

class GraphTest {
  private final FakeCuda cuda = new FakeCuda();
  private final CudaDevice device = CudaDevice.open(cuda, 0, CudaDevice.Waiting.BLOCKING);
  private final CudaStream stream = device.newStream();
  private final CudaFunction kernel = new CudaFunction(device, "kernel", 1);

  @Test
  void whatIsCapturedRunsWhenLaunchedAndNotBefore() {
    CudaGraph graph =
        CudaGraph.capture(
            device,
            stream,
            () -> {
              kernel.launch(stream, LaunchShape.of(1, 32), KernelArguments.of(1L));
              kernel.launch(stream, LaunchShape.of(2, 32), KernelArguments.of(2L));
            });
    assertThat(cuda.launched()).isEmpty();
    assertThat(graph.nodes()).isEqualTo(2);

    graph.launch(stream);
    graph.launch(stream);

    assertThat(cuda.launched()).hasSize(4);
    graph.close();
    stream.close();
    assertThat(cuda.leftOpen()).isEmpty();
  }

  @Test
  void whatMustNotBeCapturedFailsAndLeavesNothingBehind() {
    assertThatThrownBy(() -> CudaGraph.capture(device, stream, stream::synchronize))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED");

    kernel.launch(stream, LaunchShape.of(1, 32), KernelArguments.of(1L));
    assertThat(cuda.launched()).hasSize(1);
    stream.close();
    assertThat(cuda.leftOpen()).isEmpty();
  }
}
