package io.baton.engine.cuda.backend;

import io.baton.engine.EngineSettings;
import io.baton.engine.EngineSettings.BackendKind;
import io.baton.engine.backend.BackendProvider;
import io.baton.engine.cuda.compile.CompileException;
import io.baton.engine.cuda.compile.KernelCache;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.driver.Bindings;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaException;
import io.baton.engine.cuda.driver.CudaUnavailableException;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.cuda.gemm.GemmException;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.model.ModelException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the CUDA backend for an engine. */
public final class CudaBackendProvider implements BackendProvider {
  private static final Logger LOG = LoggerFactory.getLogger(CudaBackendProvider.class);

  /** Exactly what is free can never be had; measured on an H100. */
  private static final long MARGIN_BYTES = 64L << 20;

  private static final int LEAST_BLOCKS = 2;

  /** Made by the service loader. */
  public CudaBackendProvider() {}

  @Override
  public boolean provides(BackendKind kind) {
    return kind == BackendKind.CUDA;
  }

  @Override
  public Opened open(EngineSettings settings, Checkpoint checkpoint) throws ModelException {
    try {
      return opened(settings, checkpoint);
    } catch (CudaUnavailableException | CudaException | CompileException | GemmException e) {
      throw new ModelException("cuda: " + e.getMessage(), e);
    }
  }

  private static Opened opened(EngineSettings settings, Checkpoint checkpoint)
      throws ModelException {
    EngineSettings.Gpu gpu = settings.gpu();
    var api =
        Bindings.open(
            Bindings.Choice.valueOf(gpu.binding().toUpperCase(Locale.ROOT)), gpu.libraryFolders());
    CudaDevice device = CudaDevice.open(api, gpu.device(), CudaDevice.Waiting.BLOCKING);
    var compiler = new KernelCompiler(api.nvrtc(), Optional.of(KernelCache.usual(System.getenv())));
    ModelShape shape =
        ModelShape.of(checkpoint.config(), typeOf(gpu, checkpoint), settings.cache().blockSize());
    DeviceWeights weights = WeightLoader.load(device, shape, checkpoint);
    var builder =
        new CudaBackend.Builder(
            device,
            compiler,
            shape,
            weights,
            checkpoint.fingerprint(),
            limits(settings, checkpoint),
            gpu.graphs(),
            false);
    int blocks = blocks(device, shape, weights, settings);
    CudaBackend backend =
        builder.shared(gpu.shareKv()).build(blocks, settings.cache().hostBlocks());
    LOG.info("{}, {} KV blocks of {} tokens", backend.describe(), blocks, shape.blockSize());
    return new Opened(backend, blocks);
  }

  private static ElementType typeOf(EngineSettings.Gpu gpu, Checkpoint checkpoint)
      throws ModelException {
    return switch (gpu.elementType()) {
      case "bf16" -> ElementType.BF16;
      case "f16" -> ElementType.F16;
      case "f32" -> ElementType.F32;
      default -> WeightLoader.storedType(checkpoint);
    };
  }

  /** Prompts up to the budget, answers and their drafts on top; see the step planner. */
  static StepLimits limits(EngineSettings settings, Checkpoint checkpoint) {
    EngineSettings.Limits limits = settings.limits();
    int perAnswer = 1 + settings.speculation().draftTokens();
    int answers = limits.maxRunning() * perAnswer;
    int rows = answers + Math.max(limits.maxBatchTokens(), settings.cache().blockSize());
    int longest = checkpoint.config().maxPositions();
    int positions = limits.maxContext() == 0 ? longest : Math.min(longest, limits.maxContext());
    return new StepLimits(rows, answers, limits.maxRunning(), positions + perAnswer);
  }

  private static int blocks(
      CudaDevice device, ModelShape shape, DeviceWeights weights, EngineSettings settings)
      throws ModelException {
    long free = device.memoryInfo().free();
    long forKv = (long) ((free - MARGIN_BYTES) * settings.gpu().memoryFraction());
    long fit = forKv / shape.blockBytes() - 1;
    int asked = settings.cache().blocks();
    if (fit < Math.max(LEAST_BLOCKS, asked)) {
      throw new ModelException(
          ("%s has %d MiB; weights take %d MiB, %d MiB are left, %d MiB of them for KV (fraction"
                  + " %s): room for %d blocks of %d KiB (expected: at least %d). To do: a larger"
                  + " card, a smaller model, or less in max_batch_tokens and max_running")
              .formatted(
                  device,
                  device.memoryInfo().total() >> 20,
                  weights.memory().bytes() >> 20,
                  free >> 20,
                  forKv >> 20,
                  settings.gpu().memoryFraction(),
                  Math.max(0, fit),
                  shape.blockBytes() >> 10,
                  Math.max(LEAST_BLOCKS, asked)));
    }
    return asked > 0 ? asked : (int) Math.min(fit, 4_000_000);
  }
}
