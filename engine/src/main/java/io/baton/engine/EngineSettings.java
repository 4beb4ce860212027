package io.baton.engine;

import io.baton.bridge.EngineCard.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Everything that can be set about a built-in engine. Start from {@link #cpu} or {@link #sim} and
 * change what differs.
 *
 * @param role which legs it takes
 * @param modelName name under which it serves; also part of what both ends of a handoff must agree
 *     on
 * @param modelDir checkpoint in Hugging Face layout; may be empty for {@link BackendKind#SIM}
 * @param limits how much it takes on
 * @param cache its KV blocks
 * @param compute how the CPU backend computes
 * @param dataPlane how KV moves between engines
 * @param sim timing of {@link BackendKind#SIM}
 * @param speculation n-gram speculative decoding
 * @param gpu where and how {@link BackendKind#CUDA} computes
 */
public record EngineSettings(
    Role role,
    BackendKind backend,
    String modelName,
    Optional<Path> modelDir,
    Limits limits,
    Cache cache,
    Compute compute,
    DataPlane dataPlane,
    SimTiming sim,
    Speculation speculation,
    Gpu gpu) {

  /** What does the arithmetic. */
  public enum BackendKind {
    /** Pure Java on the CPU. */
    CPU,
    /** A GPU of NVIDIA; its classes come with a module of their own. */
    CUDA,
    /** None: tokens from a hash of the prefix, time from a model. */
    SIM
  }

  /** An aggregated engine that computes with the checkpoint in a folder, named after it. */
  public static EngineSettings cpu(Path modelDir) {
    Path name = modelDir.toAbsolutePath().normalize().getFileName();
    return new EngineSettings(
        Role.AGGREGATED,
        BackendKind.CPU,
        name == null ? "model" : name.toString(),
        Optional.of(modelDir),
        Limits.DEFAULT,
        Cache.DEFAULT,
        Compute.DEFAULT,
        DataPlane.DEFAULT,
        SimTiming.DEFAULT,
        Speculation.OFF,
        Gpu.DEFAULT);
  }

  /** An aggregated engine that only simulates, without a checkpoint. */
  public static EngineSettings sim(String modelName) {
    return new EngineSettings(
        Role.AGGREGATED,
        BackendKind.SIM,
        modelName,
        Optional.empty(),
        Limits.DEFAULT,
        Cache.DEFAULT,
        Compute.DEFAULT,
        DataPlane.DEFAULT,
        SimTiming.DEFAULT,
        Speculation.OFF,
        Gpu.DEFAULT);
  }

  /**
   * How much the engine takes on.
   *
   * @param maxRunning requests in the running batch
   * @param maxQueued requests that wait for it; more are refused as busy
   * @param maxBatchTokens tokens computed in one step: a long prompt is cut into chunks so that
   *     answers under way get their next token in between
   * @param maxContext longest prompt plus answer in tokens; 0: what the model and the KV pool allow
   */
  public record Limits(int maxRunning, int maxQueued, int maxBatchTokens, int maxContext) {
    public static final Limits DEFAULT = new Limits(64, 1024, 512, 0);

    public Limits {
      require("max-running", maxRunning, 1, 65_536);
      require("max-queued", maxQueued, 1, 1_000_000);
      require("max-batch-tokens", maxBatchTokens, 1, 1_000_000);
      require("max-context", maxContext, 0, Integer.MAX_VALUE);
    }
  }

  /**
   * The KV blocks.
   *
   * @param blockSize tokens per block
   * @param blocks blocks in the pool; 0: as many as fit into {@code memoryBytes}
   * @param memoryBytes KV memory when {@code blocks} is 0
   * @param hostBlocks blocks of the second tier, to which cached blocks move before they are
   *     forgotten; 0: none
   * @param prefixReuse whether KV is kept for later requests with the same beginning
   */
  public record Cache(
      int blockSize, int blocks, long memoryBytes, int hostBlocks, boolean prefixReuse) {
    public static final Cache DEFAULT = new Cache(16, 0, 256L << 20, 0, true);

    public Cache {
      require("block-size", blockSize, 1, 1024);
      require("blocks", blocks, 0, 16_000_000);
      require("memory-bytes", memoryBytes, 0, Long.MAX_VALUE);
      require("host-blocks", hostBlocks, 0, 16_000_000);
    }
  }

  /**
   * How the CPU backend computes.
   *
   * @param threads threads that share one step; 0: one per processor
   * @param vectors whether to use the Vector API where the JVM has it
   */
  public record Compute(int threads, boolean vectors) {
    public static final Compute DEFAULT = new Compute(0, true);

    public Compute {
      require("threads", threads, 0, 1024);
    }
  }

  /**
   * The direct connection on which KV moves. Used by prefill engines (listening) and decode engines
   * (connecting).
   *
   * @param bindHost address that a prefill engine listens on
   * @param port its port; 0: a free one
   * @param advertisedHost how decode engines reach it; empty: {@code bindHost}
   * @param joinTimeout longest wait for the other leg to come to its room
   * @param idleTimeout longest silence of the other side once it has come
   * @param maxTransfers connections at once, those that still wait for their room included
   */
  public record DataPlane(
      String bindHost,
      int port,
      String advertisedHost,
      Duration joinTimeout,
      Duration idleTimeout,
      int maxTransfers) {
    public static final DataPlane DEFAULT =
        new DataPlane("127.0.0.1", 0, "", Duration.ofSeconds(30), Duration.ofSeconds(10), 1024);

    public DataPlane {
      require("port", port, 0, 65_535);
      require("max-transfers", maxTransfers, 1, 1_000_000);
      require("join-timeout (ms)", joinTimeout.toMillis(), 1, Integer.MAX_VALUE);
      require("idle-timeout (ms)", idleTimeout.toMillis(), 1, Integer.MAX_VALUE);
    }
  }

  /**
   * How long a simulated step takes: {@code prefillBase + prefillPerToken * prompt tokens} if it
   * computes prompt tokens, plus {@code decodeBase + decodePerRequest * requests} if it decodes.
   * The defaults resemble an 8B model on one data-centre GPU.
   *
   * @param kvBytesPerToken KV that a handoff moves per token, at least 8
   * @param vocabulary token ids come from {@code [0, vocabulary)} when no checkpoint is given
   * @param breakAfterSteps steps after which it breaks for good, as an engine whose device is lost
   *     does; 0: never
   */
  public record SimTiming(
      Duration prefillBase,
      Duration prefillPerToken,
      Duration decodeBase,
      Duration decodePerRequest,
      int kvBytesPerToken,
      int vocabulary,
      int breakAfterSteps) {
    public static final SimTiming DEFAULT =
        new SimTiming(
            Duration.ofMillis(8),
            Duration.ofNanos(35_000),
            Duration.ofMillis(6),
            Duration.ofNanos(60_000),
            64,
            2048);

    /** Steps take no time: for measuring what is around the engine. */
    public static final SimTiming INSTANT =
        new SimTiming(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 64, 2048);

    /** One that does not break. */
    public SimTiming(
        Duration prefillBase,
        Duration prefillPerToken,
        Duration decodeBase,
        Duration decodePerRequest,
        int kvBytesPerToken,
        int vocabulary) {
      this(
          prefillBase,
          prefillPerToken,
          decodeBase,
          decodePerRequest,
          kvBytesPerToken,
          vocabulary,
          0);
    }

    public SimTiming {
      require("prefill-base (ns)", prefillBase.toNanos(), 0, Long.MAX_VALUE);
      require("prefill-per-token (ns)", prefillPerToken.toNanos(), 0, Long.MAX_VALUE);
      require("decode-base (ns)", decodeBase.toNanos(), 0, Long.MAX_VALUE);
      require("decode-per-request (ns)", decodePerRequest.toNanos(), 0, Long.MAX_VALUE);
      require("kv-bytes-per-token", kvBytesPerToken, 8, 1 << 24);
      require("vocabulary", vocabulary, 2, 1 << 24);
      require("break-after-steps", breakAfterSteps, 0, Integer.MAX_VALUE);
    }
  }

  /**
   * N-gram speculative decoding: what followed the last tokens before is tried as a draft, and
   * accepted only where it is what would have been chosen anyway.
   *
   * @param draftTokens most tokens tried per step; 0: off
   * @param ngram tokens that must repeat for a draft to be tried
   */
  public record Speculation(int draftTokens, int ngram) {
    public static final Speculation OFF = new Speculation(0, 3);

    public Speculation {
      require("draft-tokens", draftTokens, 0, 64);
      require("ngram", ngram, 1, 16);
    }
  }

  /**
   * Where and how the CUDA backend computes.
   *
   * @param device number of the GPU, from 0
   * @param binding {@code auto}, {@code ffm} or {@code bytedeco}
   * @param libraryFolders where CUDA's libraries may be, after the usual places
   * @param memoryFraction share of the memory that is free once the weights are there, for KV
   *     blocks
   * @param elementType {@code auto} (the checkpoint's), {@code bf16}, {@code f16} or {@code f32}
   * @param graphs whether steps of answers are launched as graphs
   * @param shareKv whether decode engines on the same card read the KV of prefill engines in place
   */
  public record Gpu(
      int device,
      String binding,
      List<Path> libraryFolders,
      double memoryFraction,
      String elementType,
      boolean graphs,
      boolean shareKv) {
    public static final Gpu DEFAULT = new Gpu(0, "auto", List.of(), 0.9, "auto", true, true);

    public Gpu {
      libraryFolders = List.copyOf(libraryFolders);
      require("device", device, 0, 1024);
      oneOf("binding", binding, "auto", "ffm", "bytedeco");
      oneOf("element-type", elementType, "auto", "bf16", "f16", "f32");
      if (!(memoryFraction > 0 && memoryFraction <= 1)) {
        throw new IllegalArgumentException(
            "memory-fraction: " + memoryFraction + " (expected: above 0, at most 1)");
      }
    }

    private static void oneOf(String name, String value, String... expected) {
      if (!List.of(expected).contains(value)) {
        throw new IllegalArgumentException(
            name + ": " + value + " (expected: " + String.join(", ", expected) + ")");
      }
    }
  }

  public EngineSettings withRole(Role newRole) {
    return new EngineSettings(
        newRole,
        backend,
        modelName,
        modelDir,
        limits,
        cache,
        compute,
        dataPlane,
        sim,
        speculation,
        gpu);
  }

  /** The same settings over the other backend, with the same checkpoint. */
  public EngineSettings withBackend(BackendKind newBackend) {
    return new EngineSettings(
        role,
        newBackend,
        modelName,
        modelDir,
        limits,
        cache,
        compute,
        dataPlane,
        sim,
        speculation,
        gpu);
  }

  public EngineSettings withModelName(String newName) {
    return new EngineSettings(
        role, backend, newName, modelDir, limits, cache, compute, dataPlane, sim, speculation, gpu);
  }

  public EngineSettings withLimits(Limits newLimits) {
    return new EngineSettings(
        role,
        backend,
        modelName,
        modelDir,
        newLimits,
        cache,
        compute,
        dataPlane,
        sim,
        speculation,
        gpu);
  }

  public EngineSettings withCache(Cache newCache) {
    return new EngineSettings(
        role,
        backend,
        modelName,
        modelDir,
        limits,
        newCache,
        compute,
        dataPlane,
        sim,
        speculation,
        gpu);
  }

  public EngineSettings withCompute(Compute newCompute) {
    return new EngineSettings(
        role,
        backend,
        modelName,
        modelDir,
        limits,
        cache,
        newCompute,
        dataPlane,
        sim,
        speculation,
        gpu);
  }

  public EngineSettings withDataPlane(DataPlane newDataPlane) {
    return new EngineSettings(
        role,
        backend,
        modelName,
        modelDir,
        limits,
        cache,
        compute,
        newDataPlane,
        sim,
        speculation,
        gpu);
  }

  public EngineSettings withSim(SimTiming newSim) {
    return new EngineSettings(
        role,
        backend,
        modelName,
        modelDir,
        limits,
        cache,
        compute,
        dataPlane,
        newSim,
        speculation,
        gpu);
  }

  public EngineSettings withSpeculation(Speculation newSpeculation) {
    return new EngineSettings(
        role,
        backend,
        modelName,
        modelDir,
        limits,
        cache,
        compute,
        dataPlane,
        sim,
        newSpeculation,
        gpu);
  }

  public EngineSettings withGpu(Gpu newGpu) {
    return new EngineSettings(
        role,
        backend,
        modelName,
        modelDir,
        limits,
        cache,
        compute,
        dataPlane,
        sim,
        speculation,
        newGpu);
  }

  private static void require(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }
}
