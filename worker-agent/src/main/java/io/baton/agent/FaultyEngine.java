package io.baton.agent;

import io.baton.bridge.EngineCard;
import io.baton.bridge.EngineException;
import io.baton.bridge.EngineException.Kind;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.Finish;
import io.baton.bridge.TokenEngine;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenSink;
import io.baton.telemetry.slices.TraceHeader;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The {@code sim} engine with a fault, for trials of what a fleet does when one worker is broken
 * and its heartbeats say that all is well. Safe for use by many threads.
 */
final class FaultyEngine implements TokenEngine {
  /** What goes wrong with every request. */
  enum Fault {
    NONE,
    /** Refused at the door: nothing was done. */
    REFUSE,
    /** Taken, then failed before its first token. */
    ERROR500,
    /** Its stream ends in mid-answer. */
    CLOSE_MID,
    /** Its stream is torn in mid-answer, and the last tokens with it. */
    RESET_MID,
    /** It says nothing more in mid-answer. */
    HANG_GEN,
    /** It never says anything. */
    HANG
  }

  private final TokenEngine engine;
  private final Fault fault;
  private final int afterTokens;

  /**
   * An engine that breaks.
   *
   * @param afterTokens length of the answer at which the faults in mid-answer come
   */
  FaultyEngine(TokenEngine engine, Fault fault, int afterTokens) {
    this.engine = engine;
    this.fault = fault;
    this.afterTokens = afterTokens;
  }

  @Override
  public void generate(
      TokenRequest request, String rid, @Nullable TraceHeader header, TokenSink sink) {
    switch (fault) {
      case NONE -> engine.generate(request, rid, header, sink);
      case REFUSE -> sink.onFailed(failure(true));
      default -> engine.generate(request, rid, header, new FaultySink(sink, rid));
    }
  }

  private EngineException failure(boolean untouched) {
    return new EngineException(
        Kind.ENGINE, "the simulated fault " + fault + ", as builtin.sim.fault says", untouched);
  }

  @Override
  public EngineCard card() {
    return engine.card();
  }

  @Override
  public List<EngineLoad> load() {
    return engine.load();
  }

  @Override
  public boolean healthy() {
    return engine.healthy();
  }

  @Override
  public void onLost(Consumer<String> listener) {
    engine.onLost(listener);
  }

  @Override
  public String nativeMetrics() {
    return engine.nativeMetrics();
  }

  @Override
  public Map<String, LongSupplier> counters() {
    return engine.counters();
  }

  @Override
  public void cancel(String rid) {
    engine.cancel(rid);
  }

  @Override
  public void onKvEvents(KvEventListener listener) {
    engine.onKvEvents(listener);
  }

  @Override
  public KvSnapshot kvSnapshot(int rank) {
    return engine.kvSnapshot(rank);
  }

  @Override
  public void close() {
    engine.close();
  }

  /** Lets through what comes before the fault. On the engine's threads, one call at a time. */
  private final class FaultySink implements TokenSink {
    private final TokenSink sink;
    private final String rid;
    private int tokens;
    private boolean broken;

    FaultySink(TokenSink sink, String rid) {
      this.sink = sink;
      this.rid = rid;
    }

    @Override
    public void onAccepted(int cachedTokens) {
      if (fault != Fault.HANG) {
        sink.onAccepted(cachedTokens);
      }
    }

    @Override
    public void onTokens(int[] ids, @Nullable Logprobs logprobs) {
      if (broken || fault == Fault.HANG) {
        return;
      }
      tokens += ids.length;
      boolean now = fault == Fault.ERROR500 || tokens >= afterTokens;
      if (now && fault != Fault.HANG_GEN) {
        broken = true;
        if (fault == Fault.CLOSE_MID) {
          sink.onTokens(ids, logprobs);
        }
        sink.onFailed(failure(false));
        engine.cancel(rid);
        return;
      }
      broken = now;
      sink.onTokens(ids, logprobs);
    }

    @Override
    public void onHandoff(byte[] parameters) {
      sink.onHandoff(parameters);
    }

    @Override
    public void onFinished(Finish finish) {
      boolean silent = fault == Fault.HANG_GEN || fault == Fault.HANG;
      boolean cancelled = finish.reason() == io.baton.bridge.FinishReason.ABORT;
      if (!broken || (silent && cancelled)) {
        sink.onFinished(finish);
      }
    }

    @Override
    public void onFailed(EngineException error) {
      if (!broken) {
        sink.onFailed(error);
      }
    }
  }
}
