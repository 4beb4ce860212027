package io.baton.engine;

import io.baton.bridge.EngineException;
import io.baton.bridge.Finish;
import io.baton.bridge.TokenSink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps what it hears. */
public final class RecordingSink implements TokenSink {
  private final List<Integer> tokens = new ArrayList<>();
  private final List<Logprobs> logprobs = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private int cachedTokens = -1;
  private int ends;
  private @Nullable Finish finish;
  private @Nullable EngineException failure;

  @Override
  public synchronized void onAccepted(int cached) {
    cachedTokens = cached;
  }

  @Override
  public synchronized void onTokens(int[] ids, @Nullable Logprobs newLogprobs) {
    if (ends > 0) {
      throw new IllegalStateException("tokens after the end");
    }
    for (int id : ids) {
      tokens.add(id);
    }
    if (newLogprobs != null) {
      logprobs.add(newLogprobs);
    }
  }

  @Override
  public void onHandoff(byte[] parameters) {
    throw new IllegalStateException("the built-in engine hands over in rooms");
  }

  @Override
  public synchronized void onFinished(Finish newFinish) {
    finish = newFinish;
    ends++;
    ended.countDown();
  }

  @Override
  public synchronized void onFailed(EngineException error) {
    failure = error;
    ends++;
    ended.countDown();
  }

  public synchronized int ends() {
    return ends;
  }

  public synchronized int cachedTokens() {
    return cachedTokens;
  }

  public synchronized int[] tokens() {
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  public synchronized List<Logprobs> logprobs() {
    return List.copyOf(logprobs);
  }

  /** Waits for the end, which must be {@code onFinished}. */
  public Finish finish() {
    awaitEnd();
    synchronized (this) {
      if (finish == null) {
        throw new AssertionError("failed", failure);
      }
      return finish;
    }
  }

  /** Waits for the end, which must be {@code onFailed}. */
  public EngineException failure() {
    awaitEnd();
    synchronized (this) {
      if (failure == null) {
        throw new AssertionError("did not fail: " + finish);
      }
      return failure;
    }
  }

  public boolean hasEnded() {
    return ended.getCount() == 0;
  }

  /** Waits for the end, whichever it is. */
  public void awaitEnd() {
    try {
      if (!ended.await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("no end within 60 s");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
