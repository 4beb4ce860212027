package io.baton.engine;

import io.baton.engine.EngineSettings.Cache;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.BackendProvider;
import io.baton.engine.backend.cpu.CpuBackend;
import io.baton.engine.backend.sim.SimBackend;
import io.baton.engine.backend.sim.SimClock;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.model.Checkpoint.GenerationDefaults;
import io.baton.engine.model.ModelException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * The backend of an engine and what is known of its model.
 *
 * @param blocks KV blocks of the first tier
 * @param maxContext longest prompt plus answer
 */
record EngineParts(
    Backend backend,
    int blocks,
    int maxContext,
    List<Integer> eosTokenIds,
    String tokenizerSha256,
    Optional<GenerationDefaults> defaults) {

  /** Longest context of a simulated model without a checkpoint. */
  private static final int SIM_CONTEXT = 131_072;

  static EngineParts of(EngineSettings settings) throws ModelException {
    return switch (settings.backend()) {
      case CPU -> cpu(settings);
      case CUDA -> provided(settings);
      case SIM -> sim(settings);
    };
  }

  private static EngineParts cpu(EngineSettings settings) throws ModelException {
    Path dir =
        settings
            .modelDir()
            .orElseThrow(
                () -> new ModelException("model: none (expected: a checkpoint's folder for cpu)"));
    Checkpoint checkpoint = Checkpoint.read(dir);
    int blockSize = settings.cache().blockSize();
    int blocks = blocks(settings.cache(), CpuBackend.blockBytes(checkpoint.config(), blockSize));
    int context = context(settings, checkpoint.config().maxPositions(), blocks);
    int threads = settings.compute().threads();
    var backend =
        new CpuBackend(
            checkpoint,
            blockSize,
            blocks,
            settings.cache().hostBlocks(),
            context,
            threads == 0 ? Runtime.getRuntime().availableProcessors() : threads,
            settings.compute().vectors());
    return new EngineParts(
        backend,
        blocks,
        context,
        checkpoint.eosTokenIds(),
        checkpoint.tokenizerSha256(),
        Optional.of(checkpoint.defaults()));
  }

  /** A backend of a module of its own. */
  private static EngineParts provided(EngineSettings settings) throws ModelException {
    String name = settings.backend().name().toLowerCase(Locale.ROOT);
    BackendProvider provider =
        ServiceLoader.load(BackendProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.provides(settings.backend()))
            .findFirst()
            .orElseThrow(() ->
                new ModelException(
                    "engine "
                        + name
                        + ": not installed (expected: baton-engine-"
                        + name
                        + " on the class path)"));
    Path dir =
        settings
            .modelDir()
            .orElseThrow(() ->
                new ModelException(
                    "model: none (expected: a checkpoint's folder for " + name + ")"));
    Checkpoint checkpoint = Checkpoint.read(dir);
    BackendProvider.Opened opened = provider.open(settings, checkpoint);
    return new EngineParts(
        opened.backend(),
        opened.blocks(),
        context(settings, checkpoint.config().maxPositions(), opened.blocks()),
        checkpoint.eosTokenIds(),
        checkpoint.tokenizerSha256(),
        Optional.of(checkpoint.defaults()));
  }

  private static EngineParts sim(EngineSettings settings) throws ModelException {
    Optional<Path> dir = settings.modelDir();
    Optional<Checkpoint> checkpoint =
        dir.isPresent() ? Optional.of(Checkpoint.read(dir.get())) : Optional.empty();
    int blockSize = settings.cache().blockSize();
    int bytes = settings.sim().kvBytesPerToken() * blockSize;
    int blocks = blocks(settings.cache(), bytes);
    int longest = checkpoint.map(c -> c.config().maxPositions()).orElse(SIM_CONTEXT);
    Set<Integer> neverChosen = new HashSet<>();
    checkpoint.ifPresent(c -> {
      neverChosen.addAll(c.eosTokenIds());
      neverChosen.addAll(c.specialTokenIds());
    });
    var backend =
        new SimBackend(
            settings.sim(),
            SimClock.real(),
            blockSize,
            blocks,
            settings.cache().hostBlocks(),
            checkpoint.map(c -> c.config().vocabSize()).orElse(settings.sim().vocabulary()),
            neverChosen,
            settings.modelName());
    return new EngineParts(
        backend,
        blocks,
        context(settings, longest, blocks),
        checkpoint.map(Checkpoint::eosTokenIds).orElse(List.of()),
        checkpoint.map(Checkpoint::tokenizerSha256).orElse(""),
        checkpoint.map(Checkpoint::defaults));
  }

  private static int blocks(Cache cache, long blockBytes) throws ModelException {
    long blocks = cache.blocks() > 0 ? cache.blocks() : cache.memoryBytes() / blockBytes;
    if (blocks < 2) {
      throw new ModelException(
          "cache memory-bytes: "
              + cache.memoryBytes()
              + " (expected: at least "
              + 2 * blockBytes
              + ", two blocks of this model)");
    }
    return (int) Math.min(blocks, 4_000_000);
  }

  /** A request that runs alone must always be able to end: it needs to fit into the pool. */
  private static int context(EngineSettings settings, int model, int blocks) {
    int wanted = settings.limits().maxContext() == 0 ? model : settings.limits().maxContext();
    long pool = (long) blocks * settings.cache().blockSize();
    return (int) Math.min(Math.min(wanted, model), pool);
  }
}
