package io.baton.engine;

import io.baton.bridge.EngineException;
import io.baton.bridge.Finish;
import io.baton.bridge.TokenSink;
import io.baton.engine.scheduler.Sequence;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The requests between {@code generate} and their end, by id; at most as many as allowed. */
final class InFlight {
  private static final Logger LOG = LoggerFactory.getLogger(InFlight.class);

  private final int most;
  private final AtomicInteger count = new AtomicInteger();
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  InFlight(int most) {
    this.most = most;
  }

  /** One request. */
  static final class Entry {
    private final AtomicBoolean cancelled = new AtomicBoolean();
    volatile @Nullable Sequence sequence;

    /** Whether this call is the first to cancel it. */
    boolean cancelOnce() {
      return cancelled.compareAndSet(false, true);
    }

    boolean cancelled() {
      return cancelled.get();
    }
  }

  int most() {
    return most;
  }

  /** A place for a request; null if there is none. */
  @Nullable Entry reserve() {
    if (count.incrementAndGet() > most) {
      count.decrementAndGet();
      return null;
    }
    return new Entry();
  }

  /** Makes it known by its id; false if that is taken, and then its place is free again. */
  boolean enter(String rid, Entry entry) {
    if (entries.putIfAbsent(rid, entry) != null) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }

  @Nullable Entry find(String rid) {
    return entries.get(rid);
  }

  /**
   * A sink that frees the place at the end, and that nobody's mistake can break the engine with.
   */
  TokenSink guard(String rid, TokenSink sink) {
    return new TokenSink() {
      @Override
      public void onAccepted(int cachedTokens) {
        guarded(() -> sink.onAccepted(cachedTokens));
      }

      @Override
      public void onPrompt(int[] ids, Logprobs logprobs) {
        guarded(() -> sink.onPrompt(ids, logprobs));
      }

      @Override
      public void onTokens(int[] ids, @Nullable Logprobs logprobs) {
        guarded(() -> sink.onTokens(ids, logprobs));
      }

      @Override
      public void onHandoff(byte[] parameters) {
        guarded(() -> sink.onHandoff(parameters));
      }

      @Override
      public void onFinished(Finish finish) {
        leave(rid);
        guarded(() -> sink.onFinished(finish));
      }

      @Override
      public void onFailed(EngineException error) {
        leave(rid);
        guarded(() -> sink.onFailed(error));
      }

      private void guarded(Runnable call) {
        try {
          call.run();
        } catch (RuntimeException e) {
          LOG.error("sink of {} threw, which sinks must not", rid, e);
        }
      }
    };
  }

  /**
   * Ends all that are left with an error; for an engine that has broken. Those that have said
   * nothing yet may be done by another.
   */
  void failAll(String reason) {
    entries.forEach((rid, entry) -> {
      Sequence sequence = entry.sequence;
      if (sequence != null) {
        sequence.fail(
            new EngineException(EngineException.Kind.ENGINE, reason, sequence.generated() == 0));
      }
    });
  }

  private void leave(String rid) {
    if (entries.remove(rid) != null) {
      count.decrementAndGet();
    }
  }
}
