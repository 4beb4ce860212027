package io.baton.kvrouter;

import org.jspecify.annotations.Nullable;

/**
 * How busy one worker rank is: what this router has put there, known exactly and at once, plus what
 * others have put there, known from the rank's last report or from the other gateways.
 *
 * <p>A report counts everybody's requests. So the share of others is the report less what this
 * router had reserved when the report came, and at least 0; it stays until the next report, while
 * the own part goes on changing. Nothing of one's own is counted twice, except for the moment in
 * which a request is released here and its worker has not yet said so.
 *
 * <p>Prompts are taken to be computed in the order in which they came. Of the first one, a part is
 * done already, which nobody reports: it is estimated from how long it is the first.
 *
 * <p>Safe for use by many threads.
 */
final class RankLoad {
  /** What others have put there. */
  private record Others(long requests, long prefillTokens, long decodeTokens) {
    static final Others NONE = new Others(0, 0, 0);
  }

  private final Object lock = new Object();

  /** Prompt tokens to compute of legs that began since the rank last said what it can take. */
  private volatile long sinceSaid;

  private volatile long requests;
  private volatile long prefillTokens;
  private volatile long decodeTokens;

  /** The newest own reservation whose prompt is not yet computed; they are linked. */
  private @Nullable Reservation last;

  private volatile long firstTokens;
  private volatile long firstSinceNanos;

  private volatile Others reported = Others.NONE;
  private volatile @Nullable WorkerCapacity capacity;
  private volatile Others peers = Others.NONE;

  /** Takes over a report of a rank with blocks of this many tokens; 0 if unknown. */
  void reported(ReportedLoad load, int blockSize) {
    long running = (long) load.runningRequests() + load.waitingRequests();
    reported =
        new Others(
            Math.max(0, running - requests),
            Math.max(0, load.waitingTokens() - prefillTokens),
            Math.max(0, load.usedBlocks() * blockSize - decodeTokens));
  }

  /** Takes over what the rank says it can still take. */
  void capacity(WorkerCapacity said) {
    synchronized (lock) {
      sinceSaid = 0;
      capacity = said;
    }
  }

  /**
   * Whether the rank can take no further leg, as far as anybody knows here: what it said, less what
   * was sent there since, plus what has ended since.
   *
   * @param tokens that the leg needs room for
   */
  boolean full(long tokens) {
    WorkerCapacity said = capacity;
    if (said == null) {
      return false;
    }
    if (said.requests() - (requests - said.ownLegs()) <= 0) {
      return true;
    }
    // An idle rank is not full of tokens: what it cannot hold at all, its engine refuses with a
    // reason.
    return said.tokens() - sinceSaid < tokens && activeRequests() > 0;
  }

  /** What the other gateways say they have put there, all together. */
  void peers(PeerLoad load) {
    peers = new Others(load.requests(), load.prefillTokens(), load.kvTokens());
  }

  /** A leg begins here. */
  void begin(Reservation leg, long nowNanos) {
    synchronized (lock) {
      requests++;
      decodeTokens += leg.kvTokens();
      if (leg.prefillTokens() > 0) {
        prefillTokens += leg.prefillTokens();
        sinceSaid += leg.prefillTokens();
        append(leg, nowNanos);
      }
    }
  }

  private void append(Reservation leg, long nowNanos) {
    leg.before = last;
    if (last == null) {
      lead(leg, nowNanos);
    } else {
      last.after = leg;
    }
    last = leg;
  }

  /** A leg's prompt is computed. */
  void prefilled(Reservation leg, long tokens, long nowNanos) {
    if (tokens == 0) {
      return;
    }
    synchronized (lock) {
      prefillTokens -= tokens;
      Reservation before = leg.before;
      Reservation after = leg.after;
      if (before == null) {
        lead(after, nowNanos);
      } else {
        before.after = after;
      }
      if (after == null) {
        last = before;
      } else {
        after.before = before;
      }
      leg.before = null;
      leg.after = null;
    }
  }

  private void lead(@Nullable Reservation leg, long nowNanos) {
    firstTokens = leg == null ? 0 : leg.prefillTokens();
    firstSinceNanos = nowNanos;
  }

  /** A leg's KV has grown. */
  void grown(long tokens) {
    synchronized (lock) {
      decodeTokens += tokens;
    }
  }

  /** A leg is over; its prompt has been taken off before. */
  void end(long kvTokens) {
    synchronized (lock) {
      requests--;
      decodeTokens -= kvTokens;
    }
  }

  long activeRequests() {
    return requests + Math.max(reported.requests, peers.requests);
  }

  /** Prompt tokens not known to be computed. */
  long queuedPrefillTokens() {
    return prefillTokens + Math.max(reported.prefillTokens, peers.prefillTokens);
  }

  /**
   * Prompt tokens still to compute.
   *
   * @param millisPerToken what computing one takes
   */
  double backlogTokens(long nowNanos, double millisPerToken) {
    double millis = (nowNanos - firstSinceNanos) / 1e6;
    double done = millisPerToken > 0 ? Math.max(0, millis / millisPerToken) : 0;
    return queuedPrefillTokens() - Math.min((double) firstTokens, done);
  }

  long decodeTokens() {
    return decodeTokens + Math.max(reported.decodeTokens, peers.decodeTokens);
  }

  long ownRequests() {
    return requests;
  }

  long ownPrefillTokens() {
    return prefillTokens;
  }

  long ownDecodeTokens() {
    return decodeTokens;
  }
}
