package io.baton.standalone.fake;

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
import io.baton.telemetry.SliceSpans;
import io.baton.telemetry.Tracing;
import io.baton.telemetry.slices.SliceExporter;
import io.baton.telemetry.slices.TraceHeader;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What both stand-ins compute with: the simulated engine, a tokenizer, and a publisher. */
final class FakeCore implements AutoCloseable {
  private static final int FAULT_SLOWDOWN = 10;

  private final FakeOptions options;
  private final PromptFormat format;
  private final BuiltinEngine engine;
  private final BlockTokens tokens;
  private final Optional<KvSocket> socket;
  private final Tracing tracing;

  FakeCore(FakeOptions options, boolean vllm, int bootstrapPort) throws IOException {
    this.options = options;
    this.format = PromptFormat.load(options.folder());
    this.tokens = new BlockTokens(options.blockSize);
    this.tracing =
        options.trace
            ? Tracing.start(vllm ? "vllm" : "sglang", "fake", System.getenv())
            : Tracing.off();
    SliceExporter slices = options.trace && !vllm ? new SliceSpans(tracing) : SliceExporter.OFF;
    try {
      this.engine = BuiltinEngine.start(settings(vllm, bootstrapPort), slices);
    } catch (EngineStartException e) {
      throw new IOException(e.getMessage(), e);
    }
    this.socket =
        options.kvEndpoint.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new KvSocket(
                    options.kvEndpoint,
                    options.kvReplayEndpoint,
                    vllm ? "kv@fake@" + options.name() : "kv-events",
                    options.has(Fault.DROP_EVENTS)));
    socket.ifPresent(to ->
        engine.onKvEvents(new FakeKvEvents(tokens, to, options.wire, vllm, options.blockSize)));
  }

  private EngineSettings settings(boolean vllm, int bootstrapPort) {
    int slow = options.has(Fault.SLOW) ? FAULT_SLOWDOWN : 1;
    Duration step = Duration.ofMillis((long) options.stepMillis * slow);
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
