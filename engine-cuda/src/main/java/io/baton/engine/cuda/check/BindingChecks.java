package io.baton.engine.cuda.check;

import io.baton.engine.cuda.compile.KernelSource;
import io.baton.engine.cuda.driver.Bindings;
import io.baton.engine.cuda.driver.CudaApi;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaFunction;
import io.baton.engine.cuda.driver.CudaModule;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.CudaUnavailableException;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.KernelArguments;
import io.baton.engine.cuda.driver.LaunchShape;
import io.baton.engine.cuda.driver.PinnedMemory;
import java.util.List;

/** Both ways into CUDA do the same. */
final class BindingChecks implements CheckSuite {
  private static final int LAUNCHES = 20_000;
  private static final int BATCH = 500;

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "binding.ffm",
            "java.lang.foreign passes the conformance test",
            c -> conformance(c, Bindings.Choice.FFM)),
        new GpuCheck(
            "binding.bytedeco",
            "bytedeco's presets pass the conformance test",
            c -> conformance(c, Bindings.Choice.BYTEDECO)),
        new GpuCheck(
            "binding.turn-about",
            "both bindings in one process, turn about, with the cost of a launch",
            BindingChecks::turnAbout));
  }

  private static void conformance(CheckContext c, Bindings.Choice choice) throws SkippedException {
    BindingConformance.run(open(choice));
    c.device().makeCurrent();
  }

  private static CudaApi open(Bindings.Choice choice) throws SkippedException {
    try {
      CudaApi api = Bindings.open(choice, List.of());
      long version = api.cublasLt().cublasLtGetVersion();
      if (version == 0) {
        throw new SkippedException(api.binding() + " has no cuBLASLt");
      }
      return api;
    } catch (CudaUnavailableException e) {
      throw new SkippedException(String.valueOf(e.getMessage()));
    }
  }

  private static void turnAbout(CheckContext c) throws SkippedException {
    List<Bindings.Choice> choices = List.of(Bindings.Choice.FFM, Bindings.Choice.BYTEDECO);
    for (Bindings.Choice choice : choices) {
      CudaApi api = open(choice);
      BindingConformance.run(api);
    }
    double[] best = {Double.MAX_VALUE, Double.MAX_VALUE};
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < choices.size(); i++) {
        best[i] = Math.min(best[i], microsOfLaunch(c, open(choices.get(i))));
      }
    }
    c.device().makeCurrent();
    c.figure("a launch by ffm", best[0], "us");
    c.figure("a launch by bytedeco", best[1], "us");
  }

  private static double microsOfLaunch(CheckContext c, CudaApi api) {
    byte[] cubin =
        c.compiler()
            .compile(KernelSource.named(DriverChecks.UNIT), c.architecture(), List.of())
            .cubin();
    try (CudaDevice device = CudaDevice.open(api, 0, CudaDevice.Waiting.BLOCKING);
        CudaModule module = device.load(cubin);
        CudaStream stream = device.newStream();
        DeviceMemory counter = device.allocate(4, "counter");
        PinnedMemory word = device.pin(4, "counter")) {
      CudaFunction count = module.function("count_up");
      var arguments = KernelArguments.of(counter.address(), word.address(), 1);
      LaunchShape shape = LaunchShape.of(1, 32);
      long spent = 0;
      for (int done = 0; done < LAUNCHES; done += BATCH) {
        long start = System.nanoTime();
        for (int i = 0; i < BATCH; i++) {
          count.launch(stream, shape, arguments);
        }
        spent += System.nanoTime() - start;
        stream.synchronize();
      }
      return spent / 1e3 / LAUNCHES;
    }
  }
}
