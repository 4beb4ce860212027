package io.baton.standalone.fake;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.EngineException;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenSink;
import io.baton.engine.BuiltinEngine;
import io.baton.engine.EngineSettings;
import io.baton.engine.EngineSettings.Cache;
import io.baton.engine.EngineSettings.DataPlane;
import io.baton.engine.EngineSettings.SimTiming;
import io.baton.engine.EngineStartException;
import io.baton.engine.EngineStats;
import io.baton.prompt.PromptFormat;
import io.baton.standalone.fake.FakeOptions.Fault;
import io.baton.standalone.fake.FakeRequest.BadRequestException;
import io.baton.telemetry.SliceSpans;
import io.baton.telemetry.Tracing;
import io.baton.telemetry.slices.SliceExporter;
import io.baton.telemetry.slices.TraceHeader;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What both stand-ins compute with: the simulated engine, a tokenizer, and a publisher. */
final class FakeCore implements AutoCloseable {
  private static final int FAULT_SLOWDOWN = 10;

  private final FakeOptions options;
  private final PromptFormat format;
  private final boolean vllm;
  private final int bootstrapPort;
  private final SliceExporter slices;
  private final BlockTokens tokens;
  private final Optional<KvSocket> socket;
  private final Tracing tracing;
  private volatile BuiltinEngine engine;

  FakeCore(FakeOptions options, boolean vllm, int bootstrapPort) throws IOException {
    this.options = options;
    this.format = PromptFormat.load(options.folder());
    this.tokens = new BlockTokens(options.blockSize);
    this.tracing =
        options.trace
            ? Tracing.start(vllm ? "vllm" : "sglang", "fake", System.getenv())
            : Tracing.off();
    this.vllm = vllm;
    this.bootstrapPort = bootstrapPort;
    this.slices = options.trace && !vllm ? new SliceSpans(tracing) : SliceExporter.OFF;
    this.socket =
        options.kvEndpoint.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new KvSocket(
                    options.kvEndpoint,
                    options.kvReplayEndpoint,
                    vllm ? "kv@fake@" + options.name() : "kv-events",
                    () -> options.has(Fault.DROP_EVENTS)));
    this.engine = startEngine();
  }

  private BuiltinEngine startEngine() throws IOException {
    BuiltinEngine started;
    try {
      started = BuiltinEngine.start(settings(), slices);
    } catch (EngineStartException e) {
      throw new IOException(e.getMessage(), e);
    }
    socket.ifPresent(to ->
        started.onKvEvents(new FakeKvEvents(tokens, to, options.wire, vllm, options.blockSize)));
    return started;
  }

  /**
   * Another engine with an empty cache behind the same addresses, whose events are counted anew; as
   * a supervisor would do it. Requests under way end.
   */
  synchronized void restart() throws IOException {
    engine.close();
    socket.ifPresent(KvSocket::restart);
    engine = startEngine();
  }

  private EngineSettings settings() {
    Duration step = Duration.ofMillis(options.stepMillis);
    EngineSettings base =
        EngineSettings.sim(options.name())
            .withCache(new Cache(options.blockSize, options.blocks, 0, 0, true))
            .withSim(
                new SimTiming(
                    step,
                    Duration.ofNanos(1_000),
                    step,
                    Duration.ofNanos(1_000),
                    64,
                    format.vocabularySize()));
    // vLLM's legs come one after the other; the simulated engine computes each for itself.
    return vllm
        ? base
        : base.withRole(role())
            .withDataPlane(
                new DataPlane(
                    options.host,
                    bootstrapPort,
                    options.host,
                    DataPlane.DEFAULT.joinTimeout(),
                    DataPlane.DEFAULT.idleTimeout(),
                    DataPlane.DEFAULT.maxTransfers()));
  }

  private Role role() {
    return switch (options.mode) {
      case NULL -> Role.AGGREGATED;
      case PREFILL -> Role.PREFILL;
      case DECODE -> Role.DECODE;
    };
  }

  /** Tokens of a body, as this engine's tokenizer and template make them. */
  int[] tokens(JsonNode body) throws BadRequestException {
    int[] ids = FakeRequest.tokens(body, format);
    if (!options.has(Fault.OTHER_TOKENS) || !body.has("messages")) {
      return ids;
    }
    // As of a template that begins otherwise.
    int[] other = new int[ids.length + 1];
    other[0] = ids[ids.length - 1];
    System.arraycopy(ids, 0, other, 1, ids.length);
    return other;
  }

  void generate(TokenRequest request, String rid, @Nullable TraceHeader trace, TokenSink sink) {
    tokens.remember(request.tokenIds(), request.tokenIds().length, request.cacheSalt());
    engine.generate(request, rid, trace, new Remembering(request, sink));
  }

  /** Notes generated tokens before anybody hears of them, for the events. */
  private final class Remembering implements TokenSink {
    private final TokenRequest request;
    private final TokenSink sink;
    private int[] sequence;
    private int length;

    Remembering(TokenRequest request, TokenSink sink) {
      this.request = request;
      this.sink = sink;
      this.length = request.tokenIds().length;
      this.sequence = java.util.Arrays.copyOf(request.tokenIds(), length + 64);
    }

    @Override
    public void onAccepted(int cachedTokens) {
      sink.onAccepted(cachedTokens);
    }

    @Override
    public void onTokens(int[] ids, @Nullable Logprobs logprobs) {
      if (options.has(Fault.SLOW)) {
        // On the engine's own thread: all of it is slow then.
        LockSupport.parkNanos(
            TimeUnit.MILLISECONDS.toNanos((FAULT_SLOWDOWN - 1L) * options.stepMillis));
      }
      if (length + ids.length > sequence.length) {
        sequence = java.util.Arrays.copyOf(sequence, 2 * (length + ids.length));
      }
      System.arraycopy(ids, 0, sequence, length, ids.length);
      int before = length / options.blockSize;
      length += ids.length;
      if (length / options.blockSize > before) {
        tokens.remember(sequence, length, request.cacheSalt());
      }
      sink.onTokens(ids, logprobs);
    }

    @Override
    public void onHandoff(byte[] parameters) {
      sink.onHandoff(parameters);
    }

    @Override
    public void onFinished(io.baton.bridge.Finish finish) {
      sink.onFinished(finish);
    }

    @Override
    public void onFailed(EngineException error) {
      sink.onFailed(error);
    }
  }

  void cancel(String rid) {
    engine.cancel(rid);
  }

  EngineLoad load() {
    return engine.load().getFirst();
  }

  EngineStats stats() {
    return engine.stats();
  }

  PromptFormat format() {
    return format;
  }

  Tracing tracing() {
    return tracing;
  }

  int bootstrapPort() {
    return engine.card().handoff().map(h -> h.dataPort()).orElse(0);
  }

  @Override
  public void close() {
    engine.close();
    socket.ifPresent(KvSocket::close);
    tracing.close();
  }
}
