package io.baton.standalone.route;

import io.baton.standalone.route.Timeline.Order;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Model {@code simple}: prompts one after the other at a fixed speed, blocks visible when a prefill
 * ends, decoding at a fixed pace that slows nothing down; generated tokens are not reused.
 */
final class FifoWorker implements SimWorker {
  static final long DECODE_NANOS_PER_TOKEN = 20_000_000;

  private final Timeline timeline;
  private final Listener listener;
  private final double tokensPerSecond;
  private final Shelf shelf;
  private final int index;
  private boolean busy;

  /** Cache and queue: one's own, or one for all. */
  static final class Shelf {
    final BlockLru cache;
    final Queue<SimRequest> waiting = new ArrayDeque<>();
    final List<FifoWorker> users = new ArrayList<>();

    Shelf(int blocks) {
      cache = new BlockLru(blocks);
    }
  }

  FifoWorker(Timeline timeline, Listener listener, double tokensPerSecond, Shelf shelf, int index) {
    this.timeline = timeline;
    this.listener = listener;
    this.tokensPerSecond = tokensPerSecond;
    this.shelf = shelf;
    this.index = index;
    shelf.users.add(this);
  }

  @Override
  public void submit(SimRequest request) {
    shelf.waiting.add(request);
    shelf.users.forEach(FifoWorker::startNext);
  }

  @Override
  public int leading(long[] prompt) {
    return shelf.cache.leading(prompt);
  }

  private void startNext() {
    SimRequest request = busy ? null : shelf.waiting.poll();
    if (request == null) {
      return;
    }
    busy = true;
    request.worker = index;
    int leading = shelf.cache.leading(request.trace.blocks());
    shelf.cache.touch(request.trace.blocks(), leading);
    request.hitTokens = request.trace.hitTokens(leading);
    long takes = Math.round(request.uncachedTokens() / tokensPerSecond * 1e9);
    timeline.at(timeline.nowNanos() + takes, Order.END, () -> prefilled(request));
  }

  private void prefilled(SimRequest request) {
    busy = false;
    request.firstTokenNanos = timeline.nowNanos();
    shelf.cache.insert(request.trace, listener);
    listener.firstToken(request);
    long end = timeline.nowNanos() + request.trace.outputTokens() * DECODE_NANOS_PER_TOKEN;
    timeline.at(
        end,
        Order.END,
        () -> {
          request.endNanos = end;
          listener.finished(request);
        });
    startNext();
  }
}
