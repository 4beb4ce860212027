package io.baton.standalone.route;

import java.util.function.ToDoubleFunction;

/**
 * What a router that sees everything at once would know of the workers; the baselines choose by it.
 * Counted from routing on, as a router of one's own would.
 */
final class FleetState {
  /** One worker. */
  static final class Seen {
    final int index;
    int activeRequests;
    int waitingRequests;
    long outstandingTokens;
    double kvBlocks;

    Seen(int index) {
      this.index = index;
    }
  }

  private final SimWorker[] workers;
  private final Seen[] seen;

  FleetState(SimWorker[] workers) {
    this.workers = workers;
    this.seen = new Seen[workers.length];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = new Seen(i);
    }
  }

  int size() {
    return seen.length;
  }

  Seen worker(int index) {
    return seen[index];
  }

  /** Leading blocks of a request's prompt in a worker's cache. */
  int leading(Seen worker, SimRequest request) {
    return workers[worker.index].leading(request.trace.blocks());
  }

  /** Tokens of the prompt that a worker would have to compute. */
  long uncached(Seen worker, SimRequest request) {
    return (long) request.trace.inputTokens() - request.trace.hitTokens(leading(worker, request));
  }

  /** The first worker of least value, beginning at another one for each request. */
  int least(SimRequest request, ToDoubleFunction<Seen> value) {
    int start = request.trace.number() % seen.length;
    int best = start;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < seen.length; i++) {
      int index = (start + i) % seen.length;
      double here = value.applyAsDouble(seen[index]);
      if (here < least) {
        least = here;
        best = index;
      }
    }
    return best;
  }

  void routed(SimRequest request, long uncached) {
    Seen worker = seen[request.worker];
    request.believedUncached = uncached;
    worker.activeRequests++;
    worker.waitingRequests++;
    worker.outstandingTokens += uncached;
    worker.kvBlocks += request.kvBlocks();
  }

  void firstToken(SimRequest request) {
    Seen worker = seen[request.worker];
    worker.waitingRequests--;
    worker.outstandingTokens -= request.believedUncached;
  }

  void finished(SimRequest request) {
    Seen worker = seen[request.worker];
    worker.activeRequests--;
    worker.kvBlocks -= request.kvBlocks();
  }
}
