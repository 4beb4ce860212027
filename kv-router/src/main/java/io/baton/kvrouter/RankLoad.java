package io.baton.kvrouter;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How busy one worker rank is: what this router has put there, known exactly and at once, plus what
 * others have put there, known from the rank's last report.
 *
 * <p>A report counts everybody's requests. So the share of others is the report less what this
 * router had reserved when the report came, and at least 0; it stays until the next report, while
 * the own part goes on changing. Nothing of one's own is counted twice, except for the moment in
 * which a request is released here and its worker has not yet said so.
 *
 * <p>Safe for use by many threads.
 */
final class RankLoad {
  /** What others have put there. */
  private record Others(long requests, long prefillTokens, long decodeTokens) {
    static final Others NONE = new Others(0, 0, 0);
  }

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong prefillTokens = new AtomicLong();
  private final AtomicLong decodeTokens = new AtomicLong();
  private volatile Others others = Others.NONE;

  /** Takes over a report of a rank with blocks of this many tokens; 0 if unknown. */
  void reported(ReportedLoad load, int blockSize) {
    long running = (long) load.runningRequests() + load.waitingRequests();
    others =
        new Others(
            Math.max(0, running - requests.get()),
            Math.max(0, load.waitingTokens() - prefillTokens.get()),
            Math.max(0, load.usedBlocks() * blockSize - decodeTokens.get()));
  }

  /** Puts load of this router there, or takes it back with negative figures. */
  void add(long newRequests, long newPrefillTokens, long newDecodeTokens) {
    requests.addAndGet(newRequests);
    prefillTokens.addAndGet(newPrefillTokens);
    decodeTokens.addAndGet(newDecodeTokens);
  }

  long activeRequests() {
    return requests.get() + others.requests;
  }

  long queuedPrefillTokens() {
    return prefillTokens.get() + others.prefillTokens;
  }

  long decodeTokens() {
    return decodeTokens.get() + others.decodeTokens;
  }

  long ownRequests() {
    return requests.get();
  }

  long ownPrefillTokens() {
    return prefillTokens.get();
  }

  long ownDecodeTokens() {
    return decodeTokens.get();
  }
}
