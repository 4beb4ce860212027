package io.baton.engine.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.baton.engine.backend.BackendException;
import io.baton.engine.cuda.fake.FakeCuda;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whatever is wrong with a machine: one message that says what, and what to do. */
class FailuresTest {

  private static CudaDevice open(CudaApi api) {
    return CudaDevice.open(api, 0, CudaDevice.Waiting.BLOCKING);
  }

  @Test
  void noDriver() {
    // For real: the machines of this suite have none, and where there is one this finds nothing.
    var nowhere = new LibraryFinder(List.of(), Map.of());
    if (nowhere.find(List.of("libcuda.so.1")).isEmpty()) {
      assertThatThrownBy(() -> open(new FfmCudaApi(nowhere)))
          .isInstanceOf(CudaUnavailableException.class)
          .hasMessageContaining("no NVIDIA driver: libcuda.so.1 was not found")
          .hasMessageContaining("To do: install the driver");
    }
  }

  @Test
  void noLibrary() {
    var finder = new LibraryFinder(List.of(Path.of("/nowhere/at/all")), Map.of());
    if (finder.find(List.of("libnvrtc.so.13", "libnvrtc.so.12")).isEmpty()) {
      assertThatThrownBy(() -> new FfmCudaApi(finder).nvrtc())
          .isInstanceOf(CudaUnavailableException.class)
          .hasMessageContaining("[libnvrtc.so.13, libnvrtc.so.12]")
          .hasMessageContaining("/nowhere/at/all")
          .hasMessageContaining("builtin.cuda.library_folders");
    }
  }

  @Test
  void noDevice() {
    assertThatThrownBy(() -> open(new FakeCuda().fail("cuInit", 100)))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessageContaining("CUDA_ERROR_NO_DEVICE (100")
        .hasMessageContaining("nvidia-smi and at CUDA_VISIBLE_DEVICES");
  }

  @Test
  void driverOfAnotherVersion() {
    assertThatThrownBy(() -> open(new FakeCuda().fail("cuInit", 803)))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessageContaining("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH")
        .hasMessageContaining("compat folder");
  }

  @Test
  void deviceThatIsNotThere() {
    assertThatThrownBy(() -> CudaDevice.open(new FakeCuda(), 3, CudaDevice.Waiting.SPINNING))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessageContaining("device: 3 (expected: 0 to 0");
  }

  @Test
  void outOfMemorySaysTheSumsAndBreaksNothing() {
    try (CudaDevice device = open(new FakeCuda(1L << 30))) {
      var failure =
          catchThrowableOfType(CudaException.class, () -> device.allocate(3L << 30, "KV blocks"));

      assertThat(failure.outOfMemory()).isTrue();
      assertThat(failure.endsProcess()).isFalse();
      assertThat(failure)
          .hasMessageContaining("3.00 GiB for KV blocks; 1.00 GiB of 1.00 GiB are free on device 0")
          .hasMessageContaining("fewer KV blocks");
      device.allocate(1 << 20, "less").close();
    }
  }

  @Test
  void stickyErrorEndsTheProcess() {
    var cuda = new FakeCuda();
    CudaDevice device = open(cuda);
    CudaStream stream = device.newStream();
    cuda.breakWith(700);

    var failure = catchThrowableOfType(CudaException.class, stream::synchronize);

    assertThat(failure).isInstanceOf(BackendException.class);
    assertThat(failure.endsProcess()).isTrue();
    assertThat(failure.function()).isEqualTo("cuStreamSynchronize");
    assertThat(failure.code()).isEqualTo(700);
    assertThat(failure)
        .hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS")
        .hasMessageContaining(
            "This process cannot use the device any more and ends; a new one can");
  }

  @Test
  void launchErrorsNameKernelAndShape() {
    var cuda = new FakeCuda().fail("cuLaunchKernel", 1);
    CudaDevice device = open(cuda);
    var function = new CudaFunction(device, "rms_norm", 1);

    assertThatThrownBy(() ->
            function.launch(device.newStream(), LaunchShape.of(7, 256), KernelArguments.of(1L)))
        .hasMessageContaining("rms_norm <<<(7,1,1), (256,1,1), 0 bytes>>>");
  }

  @Test
  void impossibleShapesAreRefusedBeforeTheDriverSeesThem() {
    assertThatThrownBy(() -> LaunchShape.of(1, 2048))
        .hasMessage("block x: 2048 (expected: 1 to 1024)");
    assertThatThrownBy(() -> LaunchShape.of(1, 70_000, 32))
        .hasMessage("grid y: 70000 (expected: 1 to 65535)");
  }
}
