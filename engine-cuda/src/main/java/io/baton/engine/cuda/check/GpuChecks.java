package io.baton.engine.cuda.check;

import io.baton.engine.cuda.driver.Bindings;
import io.baton.engine.cuda.driver.CudaApi;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaException;
import io.baton.engine.cuda.driver.CudaUnavailableException;
import io.baton.engine.cuda.driver.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs all checks on the GPU of this machine and says how each ended.
 *
 * <p>Ends with 0 if all passed, 1 if some did not, 3 if nothing could run because there is no GPU.
 * The checks run in a process of their own; if that dies or hangs, another goes on with the rest.
 */
public final class GpuChecks {
  /** All suites, in order. */
  static final List<CheckSuite> SUITES =
      List.of(
          new DriverChecks(),
          new BindingChecks(),
          new CompileChecks(),
          new GemmChecks(),
          new ProcessChecks(),
          new CeilingChecks(),
          new ParityChecks(),
          new StepChecks(),
          new SamplingChecks(),
          new EngineChecks(),
          new HandoffChecks(),
          new BenchChecks());

  private static final int FAILED = 1;
  private static final int NO_GPU = 3;

  /** What a child ends with that has lost its device and left checks undone. */
  static final int LOST_DEVICE = 75;

  private GpuChecks() {}

  /** See {@link CheckOptions#USAGE}. */
  public static void main(String[] arguments) throws IOException {
    CheckOptions options;
    try {
      options = CheckOptions.parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + CheckOptions.USAGE);
      System.exit(2);
      return;
    }
    System.exit(options.child() ? runHere(options) : supervise(options));
  }

  private static int supervise(CheckOptions options) throws IOException {
    List<GpuCheck> checks = options.select(all());
    if (options.list()) {
      checks.forEach(check -> System.out.printf("%-28s %s%n", check.name(), check.promise()));
      return 0;
    }
    return new CheckSupervisor(options).run(checks);
  }

  private static int runHere(CheckOptions options) throws IOException {
    CudaDevice device;
    try {
      CudaApi api = Bindings.open(options.binding(), options.libraries());
      device = CudaDevice.open(api, options.device(), CudaDevice.Waiting.BLOCKING);
      describe(device, options.notes());
    } catch (CudaUnavailableException e) {
      System.err.println("GPU checks: NOT RUN, no usable GPU: " + e.getMessage());
      return NO_GPU;
    } catch (CudaException e) {
      System.err.println("GPU checks: NOT RUN: " + e.getMessage());
      return FAILED;
    }
    Path folder = Files.createTempDirectory("baton-gpu-checks-");
    boolean all = new CheckRunner(device, options.notes(), folder).run(options.select(all()));
    return all ? 0 : LOST_DEVICE;
  }

  private static void describe(CudaDevice device, Path notes) throws IOException {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("device", device.name());
    machine.put("compute capability", device.computeCapability() / 10.0 + "");
    machine.put("memory", Sizes.text(device.memoryInfo().total()));
    machine.put(
        "CUDA of the driver",
        device.driverVersion() / 1000 + "." + device.driverVersion() % 1000 / 10);
    machine.put("binding", device.api().binding());
    machine.put("JVM", System.getProperty("java.vm.version"));
    machine.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    CheckNotes.machine(notes, machine);
    System.out.println("GPU checks on " + machine);
  }

  private static List<GpuCheck> all() {
    return SUITES.stream().flatMap(suite -> suite.checks().stream()).toList();
  }
}
