package io.baton.engine.cuda.bench;

import io.baton.engine.EngineSettings;
import io.baton.engine.EngineSettings.BackendKind;
import io.baton.engine.EngineSettings.Cache;
import io.baton.engine.EngineSettings.Limits;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.BackendException;
import io.baton.engine.backend.cpu.CpuBackend;
import io.baton.engine.cuda.backend.CudaBackendProvider;
import io.baton.engine.cuda.backend.RandomModel;
import io.baton.engine.cuda.compile.KernelCache;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.driver.Bindings;
import io.baton.engine.cuda.driver.CudaApi;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaUnavailableException;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.model.ModelConfig;
import io.baton.engine.model.ModelException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code ./baton bench engine}: steps of the backend alone, without scheduler or fleet, each beside
 * its floor.
 */
public final class EngineBench {
  private static final int WARM_UP = 8;
  private static final int STEPS = 40;
  private static final int PROMPTS = 5;
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final int NO_GPU = 3;

  private final BenchOptions options;
  private final PrintStream out;

  private EngineBench(BenchOptions options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /**
   * Ends with 0, with 1 if something failed, 2 for a wrong command line, 3 without a usable GPU.
   */
  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments), System.out, System.err));
  }

  static int run(List<String> arguments, PrintStream out, PrintStream err) {
    BenchOptions options;
    try {
      options = BenchOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage() + "\n" + BenchOptions.USAGE);
      return USAGE;
    }
    try {
      new EngineBench(options, out).run();
      return 0;
    } catch (CudaUnavailableException e) {
      err.println("bench engine: NOT RUN, no usable GPU: " + e.getMessage());
      return NO_GPU;
    } catch (ModelException | BackendException e) {
      err.println("bench engine: " + e.getMessage());
      return FAILED;
    }
  }

  private void run() throws ModelException {
    if (options.engine() == BackendKind.CPU) {
      cpu(options.model().orElseThrow());
      return;
    }
    CudaApi api =
        Bindings.open(
            Bindings.Choice.valueOf(options.gpu().binding().toUpperCase(Locale.ROOT)),
            options.gpu().libraryFolders());
    Ceilings ceilings;
    try (CudaDevice device =
        CudaDevice.open(api, options.gpu().device(), CudaDevice.Waiting.BLOCKING)) {
      ceilings = GpuCeilings.measure(device);
      print(device.name(), ceilings);
    }
    if (options.model().isPresent()) {
      checkpoint(options.model().get(), ceilings);
      return;
    }
    for (String name : options.shapes()) {
      shape(api, name, ceilings);
    }
  }

  private void cpu(Path folder) throws ModelException {
    Checkpoint checkpoint = Checkpoint.read(folder);
    int threads = Runtime.getRuntime().availableProcessors();
    Ceilings ceilings = CpuCeilings.measure(threads);
    print("CPU", ceilings);
    Work work = Work.of(checkpoint.config(), stored(checkpoint), ElementType.F32);
    int positions = checkpoint.config().maxPositions();
    try (var backend =
        new CpuBackend(
            checkpoint, StepBench.BLOCK_SIZE, options.blocks(), 0, positions, threads, true)) {
      out.printf("%s: %s%n", folder, backend.describe());
      measure(backend, work, ceilings);
    }
  }

  private void checkpoint(Path folder, Ceilings ceilings) throws ModelException {
    Checkpoint checkpoint = Checkpoint.read(folder);
    EngineSettings settings =
        EngineSettings.cpu(folder)
            .withBackend(BackendKind.CUDA)
            .withCache(new Cache(StepBench.BLOCK_SIZE, options.blocks(), 0, 0, true))
            .withLimits(new Limits(options.largestBatch(), 1, options.longestPrompt(), 0))
            .withGpu(options.gpu());
    String type = options.gpu().elementType();
    ElementType element =
        type.equals("auto")
            ? stored(checkpoint)
            : ElementType.valueOf(type.toUpperCase(Locale.ROOT));
    out.printf("%s: %s%n", folder, element);
    try (Backend backend = new CudaBackendProvider().open(settings, checkpoint).backend()) {
      measure(backend, Work.of(checkpoint.config(), element, element), ceilings);
    }
  }

  private void shape(CudaApi api, String name, Ceilings ceilings) throws ModelException {
    ModelConfig config = java.util.Objects.requireNonNull(BenchOptions.SHAPES.get(name));
    ElementType type = ElementType.valueOf(options.gpu().elementType().toUpperCase(Locale.ROOT));
    int batch = options.largestBatch();
    var sizes =
        new RandomModel.Options(
            options.longestPrompt() + batch,
            batch,
            options.positions(),
            options.blocks(),
            options.gpu().graphs(),
            false);
    CudaDevice device = CudaDevice.open(api, options.gpu().device(), CudaDevice.Waiting.BLOCKING);
    var compiler = new KernelCompiler(api.nvrtc(), Optional.of(KernelCache.usual(System.getenv())));
    out.printf("%s, random weights: %s%n", name, type);
    try (Backend backend = RandomModel.open(device, compiler, config, type, sizes)) {
      measure(backend, Work.of(config, type, type), ceilings);
    }
  }

  private void measure(Backend backend, Work work, Ceilings ceilings) throws ModelException {
    var bench = new StepBench(backend);
    for (int batch : options.batches()) {
      StepBench.Decode decode = bench.decode(batch, options.context(), WARM_UP, STEPS);
      double bytes = work.decodeBytes(batch, options.context());
      double seconds = decode.medianMicros() / 1e6;
      print(
          "  decode, batch %d, context %d: %.0f us a step, %.0f tokens/s, %.3g GB/s = %.1f %% of"
              + " the ceiling, CPU of the step's thread %.1f %%",
          batch,
          options.context(),
          decode.medianMicros(),
          batch / seconds,
          bytes / seconds / 1e9,
          100 * bytes / seconds / ceilings.bytesPerSecond(),
          100 * decode.cpuShare());
    }
    int firstBlock = StepBench.blocks(options.largestBatch(), options.context());
    for (int prompt : options.prompts()) {
      double seconds = bench.prefill(prompt, firstBlock, 1, PROMPTS);
      double rate = work.prefillOperations(prompt) / seconds;
      print(
          "  prefill, %d tokens: %.1f ms, %.0f tokens/s, %.3g TFLOP/s = %.1f %% of the ceiling",
          prompt,
          seconds * 1e3,
          prompt / seconds,
          rate / 1e12,
          100 * rate / ceilings.operationsPerSecond());
    }
  }

  private void print(String name, Ceilings ceilings) {
    print(
        "%s: ceilings %.4g GB/s, %.3g TFLOP/s (%s)",
        name,
        ceilings.bytesPerSecond() / 1e9,
        ceilings.operationsPerSecond() / 1e12,
        ceilings.how());
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private void print(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  private static ElementType stored(Checkpoint checkpoint) throws ModelException {
    try (Arena arena = Arena.ofConfined()) {
      return ElementType.valueOf(checkpoint.mapWeights(arena).embedding().dtype().name());
    }
  }
}
