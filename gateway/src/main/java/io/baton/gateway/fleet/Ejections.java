package io.baton.gateway.fleet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Workers that break or stall streams, whatever their heartbeats say. Such a worker gets nothing
 * for a second, then one request as a probe: if that ends well it is back, if not it is out for
 * twice as long. Safe for use by many threads.
 */
final class Ejections {
  private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int MOST_DOUBLINGS = 5;

  private static final class Sentence {
    int strikes;
    long untilNanos;
    boolean probeOpen;
    boolean probing;
  }

  private final Map<String, Sentence> sentences = new HashMap<>();
  private volatile int out;
  private long ejected;

  /** A worker broke or stalled a stream. */
  synchronized void broke(String worker, long nowNanos) {
    Sentence sentence = sentences.computeIfAbsent(worker, id -> new Sentence());
    boolean onProbation = sentence.probeOpen || sentence.probing;
    if (sentence.strikes > 0 && !onProbation && nowNanos < sentence.untilNanos) {
      return; // Streams that were there before it was ejected break one after the other.
    }
    sentence.untilNanos = nowNanos + (FIRST_NANOS << Math.min(sentence.strikes, MOST_DOUBLINGS));
    sentence.strikes++;
    sentence.probeOpen = false;
    sentence.probing = false;
    ejected++;
    out = sentences.size();
  }

  /** A request ended well there; says whether that brings it back. */
  synchronized boolean worked(String worker) {
    boolean back = out > 0 && sentences.remove(worker) != null;
    out = sentences.size();
    return back;
  }

  /** It left, or nobody else is left. */
  synchronized void forget(String worker) {
    sentences.remove(worker);
    out = sentences.size();
  }

  /** Whether a worker gets nothing now. */
  synchronized boolean isOut(String worker) {
    Sentence sentence = sentences.get(worker);
    return sentence != null && !sentence.probeOpen;
  }

  /** Workers whose time is up: they may have one request. */
  List<String> openProbes(long nowNanos) {
    if (out == 0) {
      return List.of();
    }
    var opened = new ArrayList<String>();
    synchronized (this) {
      sentences.forEach((worker, sentence) -> {
        if (!sentence.probeOpen && nowNanos >= sentence.untilNanos) {
          sentence.probeOpen = true;
          opened.add(worker);
        }
      });
    }
    return opened;
  }

  /** A request goes there; says whether it was the probe, so that no further one follows. */
  boolean chosen(String worker, long nowNanos) {
    if (out == 0) {
      return false;
    }
    synchronized (this) {
      Sentence sentence = sentences.get(worker);
      if (sentence == null || !sentence.probeOpen) {
        return false;
      }
      sentence.probeOpen = false;
      sentence.probing = true;
      // If nobody ever hears of the probe, another one follows.
      sentence.untilNanos = nowNanos + (FIRST_NANOS << Math.min(sentence.strikes, MOST_DOUBLINGS));
      return true;
    }
  }

  /** Workers that are out or on probation. */
  synchronized List<String> all() {
    return new ArrayList<>(sentences.keySet());
  }

  /** Times that a worker was ejected. */
  synchronized long count() {
    return ejected;
  }
}
