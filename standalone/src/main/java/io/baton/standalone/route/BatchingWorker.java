package io.baton.standalone.route;

import io.baton.standalone.route.Timeline.Order;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Model {@code batching}: continuous batching with chunked prefill. Each step computes up to a
 * chunk of prompt tokens, in the order of arrival, and one token of every answer in progress; all
 * of them make it longer.
 */
final class BatchingWorker implements SimWorker {
  private static final int CHUNK_TOKENS = 2048;
  private static final double STEP_SECONDS = 0.008;
  private static final double SECONDS_PER_REQUEST = 0.00002;
  private static final double SECONDS_PER_KV_TOKEN = 4e-8;

  private final Timeline timeline;
  private final Listener listener;
  private final double tokensPerSecond;
  private final BlockLru cache;
  private final Queue<SimRequest> waiting = new ArrayDeque<>();

  private record Decoding(SimRequest request, long lastStep) {}

  private final PriorityQueue<Decoding> decoding =
      new PriorityQueue<>(
          Comparator.comparingLong(Decoding::lastStep)
              .thenComparingInt(d -> d.request.trace.number()));

  private long step;
  private long kvTokens;

  /** Of the first waiting prompt: computed already; -1 before it has begun. */
  private long done = -1;

  private boolean stepping;

  BatchingWorker(Timeline timeline, Listener listener, double tokensPerSecond, int blocks) {
    this.timeline = timeline;
    this.listener = listener;
    this.tokensPerSecond = tokensPerSecond;
    this.cache = new BlockLru(blocks);
  }

  @Override
  public void submit(SimRequest request) {
    waiting.add(request);
    if (!stepping) {
      startStep();
    }
  }

  @Override
  public int leading(long[] prompt) {
    return cache.leading(prompt);
  }

  private void startStep() {
    stepping = !waiting.isEmpty() || !decoding.isEmpty();
    if (!stepping) {
      return;
    }
    Queue<SimRequest> ready = new ArrayDeque<>();
    int computed = prefillChunk(ready);
    double seconds =
        STEP_SECONDS
            + computed / tokensPerSecond
            + SECONDS_PER_REQUEST * decoding.size()
            + SECONDS_PER_KV_TOKEN * kvTokens;
    timeline.at(timeline.nowNanos() + Math.round(seconds * 1e9), Order.END, () -> endStep(ready));
  }

  /** Takes up to a chunk of prompt tokens; prompts that are complete with it become ready. */
  private int prefillChunk(Queue<SimRequest> ready) {
    int room = CHUNK_TOKENS;
    while (room > 0 && !waiting.isEmpty()) {
      SimRequest first = waiting.element();
      if (done < 0) {
        begin(first);
      }
      long takes = Math.min(room, first.uncachedTokens() - done);
      room -= (int) takes;
      done += takes;
      if (done == first.uncachedTokens()) {
        ready.add(waiting.remove());
        done = -1;
      }
    }
    return CHUNK_TOKENS - room;
  }

  private void begin(SimRequest request) {
    int leading = cache.leading(request.trace.blocks());
    cache.touch(request.trace.blocks(), leading);
    request.hitTokens = request.trace.hitTokens(leading);
    done = 0;
  }

  private void endStep(Queue<SimRequest> ready) {
    step++;
    for (SimRequest request : ready) {
      request.firstTokenNanos = timeline.nowNanos();
      cache.insert(request.trace, listener);
      listener.firstToken(request);
      kvTokens += request.trace.inputTokens();
      decoding.add(new Decoding(request, step + request.trace.outputTokens()));
    }
    while (!decoding.isEmpty() && decoding.element().lastStep <= step) {
      SimRequest request = decoding.remove().request;
      kvTokens -= request.trace.inputTokens();
      request.endNanos = timeline.nowNanos();
      listener.finished(request);
    }
    startStep();
  }
}
