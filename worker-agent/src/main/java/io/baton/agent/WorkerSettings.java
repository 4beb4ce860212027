package io.baton.agent;

import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.server.ServerAddress;
import io.baton.bridge.server.ServerOptions;
import io.baton.config.Setting;
import io.baton.engine.EngineSettings;
import io.baton.engine.EngineSettings.BackendKind;
import io.baton.engine.EngineSettings.Cache;
import io.baton.engine.EngineSettings.Compute;
import io.baton.engine.EngineSettings.DataPlane;
import io.baton.engine.EngineSettings.SimTiming;
import io.baton.engine.EngineSettings.Speculation;
import io.baton.proto.Subjects;
import io.baton.transport.NatsSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Everything that can be set about a worker. */
public record WorkerSettings(
    @Setting("Name of this worker in its pool: letters, digits, _ and -.") String id,
    @Setting(value = "Separates fleets that share a broker.", def = "default") String namespace,
    @Setting(value = "Pool of workers that serve the same models.", def = "default") String pool,
    @Setting(value = "Which legs it takes: aggregated, prefill, decode.", def = "aggregated")
        Role role,
    @Setting("Names of the model for clients; empty: what the engine says.") List<String> models,
    @Setting("Labels as KEY=VALUE, such as zone=eu-1a, that requests may ask for.")
        List<String> labels,
    @Setting(
            value =
                "cpu, cuda and sim are built in; sglang and vllm are servers that run already, openai any server of OpenAI's API.",
            def = "cpu")
        EngineKind engine,
    @Setting(
            value =
                "Form of requests to sglang and vllm: openai passes bodies through, tokens makes prompts and answers here.",
            def = "openai")
        Api api,
    NatsSettings nats,
    Builtin builtin,
    Server server,
    FleetSettings fleet,
    SystemPort system,
    @Setting(
            value =
                "Legs at once that gateways should send, more waiting there; 0: as many as the engine"
                    + " runs at once (builtin.max_running, server.max_requests).",
            def = "0",
            min = 0)
        int capacity,
    @Setting(
            value =
                "Tell gateways the spans of their requests, so that traces can be read there without"
                    + " any backend.",
            def = "true")
        boolean reportSpans,
    @Setting(value = "Longest wait for legs under way when told to stop.", def = "30s", min = 0)
        Duration drainTimeout) {

  public WorkerSettings {
    Subjects.requireToken("id", id);
    Subjects.requireToken("namespace", namespace);
    Subjects.requireToken("pool", pool);
    labels.forEach(WorkerSettings::requireLabel);
  }

  private static void requireLabel(String label) {
    int equals = label.indexOf('=');
    if (equals <= 0 || label.contains(",") || label.lastIndexOf(':', equals) >= 0) {
      throw new IllegalArgumentException(
          "labels: " + label + " (expected: KEY=VALUE without commas, no colon in the key)");
    }
  }

  /** The labels by key. */
  Map<String, String> labelsByKey() {
    Map<String, String> byKey = new LinkedHashMap<>();
    for (String label : labels) {
      int equals = label.indexOf('=');
      byKey.put(label.substring(0, equals), label.substring(equals + 1));
    }
    return byKey;
  }

  /** What stands behind the agent. */
  public enum EngineKind {
    CPU,
    CUDA,
    SIM,
    OPENAI,
    SGLANG,
    VLLM;

    /** Whether it is a server of its own, which is reached by URL. */
    public boolean isServer() {
      return this == OPENAI || this == SGLANG || this == VLLM;
    }
  }

  /** Form of requests. */
  public enum Api {
    OPENAI,
    TOKENS
  }

  /** The engine of {@code cpu}, {@code cuda} and {@code sim}. */
  public record Builtin(
      @Setting("Checkpoint in Hugging Face layout.") Optional<Path> modelPath,
      @Setting(value = "Tokens per KV block.", def = "16", min = 1, max = 1024) int blockSize,
      @Setting(value = "KV blocks; 0: as many as fit into kv_memory.", def = "0", min = 0)
          int blocks,
      @Setting(value = "Memory for KV blocks.", def = "256MiB", min = 0) long kvMemory,
      @Setting(value = "Blocks of the host tier that evicted blocks move to.", def = "0", min = 0)
          int hostBlocks,
      @Setting(value = "Requests in the running batch.", def = "64", min = 1) int maxRunning,
      @Setting(value = "Requests that may wait; more are refused as busy.", def = "1024", min = 1)
          int maxQueued,
      @Setting(value = "Tokens computed in one step.", def = "512", min = 1) int maxBatchTokens,
      @Setting(
              value = "Longest prompt plus answer; 0: what model and blocks allow.",
              def = "0",
              min = 0)
          int maxContext,
      @Setting(value = "Threads that share a step; 0: one per processor.", def = "0", min = 0)
          int threads,
      @Setting(
              value = "Tokens tried per step by n-gram speculation; 0: off.",
              def = "0",
              min = 0,
              max = 64)
          int draftTokens,
      @Setting(value = "Address of the KV data plane of a prefill worker.", def = "127.0.0.1")
          String dataHost,
      @Setting(value = "Its port; 0 takes a free one.", def = "0", min = 0, max = 65535)
          int dataPort,
      @Setting(value = "How decode workers reach it; empty: data_host.", def = "")
          String dataAdvertisedHost,
      Cuda cuda,
      Sim sim) {}

  /** Where and how the {@code cuda} engine computes. */
  public record Cuda(
      @Setting(value = "Number of the GPU.", def = "0", min = 0, max = 1024) int device,
      @Setting(
              value = "Way into CUDA's libraries: auto, ffm or bytedeco (needs its jars).",
              def = "auto")
          String binding,
      @Setting("Folders with CUDA's libraries, looked at after the usual places.")
          List<Path> libraryFolders,
      @Setting(
              value =
                  "Share for KV blocks of the memory that is free once the model is there; kv_memory"
                      + " does not count for this engine, blocks does.",
              def = "0.9",
              min = 0,
              max = 1)
          double memoryFraction,
      @Setting(
              value =
                  "Type of weights, activations and KV: auto (the checkpoint's), bf16, f16, f32.",
              def = "auto")
          String elementType,
      @Setting(value = "Launch steps of answers as CUDA graphs.", def = "true") boolean graphs,
      @Setting(
              value =
                  "Let decode workers on the same card read the KV of prefill workers in place, by CUDA IPC.",
              def = "true")
          boolean shareKv) {
    EngineSettings.Gpu toSettings() {
      return new EngineSettings.Gpu(
          device, binding, libraryFolders, memoryFraction, elementType, graphs, shareKv);
    }
  }

  /** Timing of the {@code sim} engine. */
  public record Sim(
      @Setting(value = "Fixed part of a step with prompt tokens.", def = "8ms")
          Duration prefillBase,
      @Setting(value = "Per prompt token.", def = "35us") Duration prefillPerToken,
      @Setting(value = "Fixed part of a decode step.", def = "6ms") Duration decodeBase,
      @Setting(value = "Per request in a decode step.", def = "60us") Duration decodePerRequest,
      @Setting(value = "KV bytes that a handoff moves per token.", def = "64", min = 8)
          int kvBytesPerToken,
      @Setting(value = "Token ids come from 0 up to this.", def = "2048", min = 2) int vocabulary,
      @Setting(
              value =
                  "For trials of failure: steps after which the engine breaks for good, as if its device were lost; 0: never.",
              def = "0",
              min = 0)
          int breakAfterSteps,
      @Setting(
              value =
                  "For trials of failure: what goes wrong with every request while heartbeats say that all is"
                      + " well: none, refuse, error500, close_mid, reset_mid, hang_gen, hang.",
              def = "none")
          FaultyEngine.Fault fault,
      @Setting(
              value = "Length of an answer at which a fault in its middle comes.",
              def = "5",
              min = 1)
          int faultAfterTokens) {}

  /** The server behind {@code openai}, {@code sglang} and {@code vllm}. */
  public record Server(
      @Setting(value = "Base URL, such as http://127.0.0.1:30000.", def = "") String url,
      @Setting(value = "Requests at once; more wait or are refused as busy.", def = "256", min = 1)
          int maxRequests,
      @Setting(value = "Longest wait for a connection.", def = "5s", min = 1)
          Duration connectTimeout,
      @Setting(value = "Longest silence of the server.", def = "5m", min = 1) Duration idleTimeout,
      @Setting(value = "Longest wait for the server when the worker starts.", def = "10m", min = 1)
          Duration startTimeout,
      @Setting("File with the server's API key.") Optional<Path> apiKeyFile,
      @Setting(value = "Between two looks at the server's load.", def = "1s", min = 50)
          Duration loadInterval,
      @Setting("Whether the server makes spans of its own; without it, what the server says.")
          Optional<Boolean> tracing,
      KvEvents kvEvents) {
    Server at(String otherUrl) {
      return new Server(
          otherUrl,
          maxRequests,
          connectTimeout,
          idleTimeout,
          startTimeout,
          apiKeyFile,
          loadInterval,
          tracing,
          kvEvents);
    }
  }

  /** Where a server publishes its KV events; only for servers that cannot be asked. */
  public record KvEvents(
      @Setting(
              value = "Publisher of rank 0, such as tcp://127.0.0.1:5557; empty: what it says.",
              def = "")
          String endpoint,
      @Setting(value = "Bind the endpoint and let the engine connect.", def = "false") boolean bind,
      @Setting(value = "Replay socket of rank 0; empty: none.", def = "") String replayEndpoint,
      @Setting(value = "Prefix of topics; empty: all.", def = "") String topic) {}

  /** The worker's own HTTP server for health and metrics. */
  public record SystemPort(
      @Setting(value = "Address to listen on.", def = "127.0.0.1") String host,
      @Setting(value = "Port; 0 takes a free one, -1 is off.", def = "-1", min = -1, max = 65535)
          int port) {}

  /** Legs at once that gateways should send. */
  int places() {
    if (capacity > 0) {
      return capacity;
    }
    return engine.isServer() ? server.maxRequests() : builtin.maxRunning();
  }

  /** The settings of the worker of one server of the fleet. */
  WorkerSettings at(FleetSettings.EngineAt one) {
    return new WorkerSettings(
        id + "-" + one.name(),
        namespace,
        pool,
        one.role().orElse(role),
        models,
        labels,
        engine,
        api,
        nats,
        builtin,
        server.at(one.url()),
        fleet,
        new SystemPort(system.host(), -1),
        capacity,
        reportSpans,
        drainTimeout);
  }

  /** The built-in engine's own settings. */
  EngineSettings builtinEngine() {
    String name = models.isEmpty() ? "" : models.getFirst();
    Builtin b = builtin;
    EngineSettings base =
        b.modelPath().isPresent()
            ? EngineSettings.cpu(b.modelPath().get())
            : EngineSettings.sim(name.isEmpty() ? "sim" : name);
    return (name.isEmpty() ? base : base.withModelName(name))
        .withRole(role)
        .withBackend(backend())
        .withGpu(b.cuda().toSettings())
        .withLimits(
            new EngineSettings.Limits(
                b.maxRunning(), b.maxQueued(), b.maxBatchTokens(), b.maxContext()))
        .withCache(new Cache(b.blockSize(), b.blocks(), b.kvMemory(), b.hostBlocks(), true))
        .withCompute(new Compute(b.threads(), true))
        .withDataPlane(dataPlane())
        .withSim(simTiming())
        .withSpeculation(new Speculation(b.draftTokens(), Speculation.OFF.ngram()));
  }

  private BackendKind backend() {
    return switch (engine) {
      case SIM -> BackendKind.SIM;
      case CUDA -> BackendKind.CUDA;
      default -> BackendKind.CPU;
    };
  }

  /**
   * Where the foreign server is.
   *
   * @throws IOException if the API key cannot be read
   */
  ServerAddress serverAddress() throws IOException {
    Optional<String> key = Optional.empty();
    if (server.apiKeyFile().isPresent()) {
      key = Optional.of(Files.readString(server.apiKeyFile().get()).strip());
    }
    return new ServerAddress(
        URI.create(server.url()),
        server.maxRequests(),
        server.connectTimeout(),
        server.idleTimeout(),
        server.startTimeout(),
        key);
  }

  /** What is said here of the foreign server. */
  ServerOptions serverOptions() {
    return new ServerOptions(
        role,
        server.kvEvents().endpoint(),
        server.kvEvents().bind(),
        server.kvEvents().replayEndpoint(),
        server.kvEvents().topic(),
        server.tracing(),
        server.loadInterval());
  }

  private DataPlane dataPlane() {
    return new DataPlane(
        builtin.dataHost(),
        builtin.dataPort(),
        builtin.dataAdvertisedHost(),
        DataPlane.DEFAULT.joinTimeout(),
        DataPlane.DEFAULT.idleTimeout(),
        DataPlane.DEFAULT.maxTransfers());
  }

  private SimTiming simTiming() {
    Sim sim = builtin.sim();
    return new SimTiming(
        sim.prefillBase(),
        sim.prefillPerToken(),
        sim.decodeBase(),
        sim.decodePerRequest(),
        sim.kvBytesPerToken(),
        sim.vocabulary(),
        sim.breakAfterSteps());
  }
}
