package io.baton.kvrouter;

import java.util.function.LongSupplier;

/**
 * Blocks that prompts just routed will leave behind: they count at once, so that a burst of
 * requests with one prefix goes where the first one went, although no event has told of its blocks
 * yet.
 *
 * <p>Two generations: new predictions go into the younger; every half lifetime it becomes the elder
 * and the former elder is dropped whole. So a prediction lives between half a lifetime and a whole
 * one, and nothing has to be taken out singly. Bounded: a full generation ends before its time,
 * which is counted.
 */
final class Predictions implements CacheSlots.Table {
  private final CacheSlots slots;
  private final LongSupplier nanoClock;
  private final long halfLifeNanos;
  private final int generationCapacity;

  private volatile Generation younger;
  private volatile Generation elder;
  private long cuts;

  /**
   * No predictions.
   *
   * @param capacity most blocks, at least 2
   * @param lifetimeNanos how long a prediction may live; 0: no predictions are made
   */
  Predictions(CacheSlots slots, LongSupplier nanoClock, int capacity, long lifetimeNanos) {
    this.slots = slots;
    this.nanoClock = nanoClock;
    this.generationCapacity = capacity / 2;
    this.halfLifeNanos = lifetimeNanos / 2;
    this.younger = newGeneration(nanoClock.getAsLong());
    this.elder = younger;
  }

  /** A rank will hold these blocks of a prompt from {@code from} on. */
  synchronized void add(long[] sequence, int from, CacheSlot slot) {
    if (halfLifeNanos == 0) {
      return;
    }
    long now = nanoClock.getAsLong();
    expire(now);
    if (isEmpty()) {
      younger.startedNanos = now;
    }
    int blocks = Math.min(sequence.length - from, generationCapacity);
    if (younger.added > 0 && younger.added + blocks > generationCapacity) {
      cuts++;
      turn(now);
    }
    Generation into = younger;
    into.index.addAll(sequence, from, from + blocks, 0, slot);
    into.added += blocks;
  }

  /** Drops what has outlived its time; cheap while there is nothing to drop. */
  void expire() {
    long now = nanoClock.getAsLong();
    if (now - younger.startedNanos >= halfLifeNanos && !isEmpty()) {
      expire(now);
    }
  }

  /** Adds the ranks that will hold a block to a set. Never waits. */
  void addHolders(long hash, long[] into, int at, int words) {
    // In this order: if generations turn in between, one is asked twice and none is missed.
    younger.index.addHolders(hash, 1, into, at, words);
    elder.index.addHolders(hash, 1, into, at, words);
  }

  /** Whether a rank will hold a block. Never waits. */
  boolean holds(long hash, CacheSlot slot) {
    return younger.index.holds(hash, slot) || elder.index.holds(hash, slot);
  }

  /** Whether there are none at all. */
  boolean isEmpty() {
    return younger.added == 0 && elder.added == 0;
  }

  synchronized long blocks() {
    return younger.index.blocks() + (elder == younger ? 0 : elder.index.blocks());
  }

  /** Times that a generation ended before its time. */
  synchronized long cuts() {
    return cuts;
  }

  @Override
  public synchronized void sweep() {
    younger.index.sweep();
    elder.index.sweep();
  }

  private synchronized void expire(long now) {
    long age = now - younger.startedNanos;
    if (age >= 2 * halfLifeNanos) {
      elder = newGeneration(now);
      younger = elder;
    } else if (age >= halfLifeNanos) {
      turn(now);
    }
  }

  private void turn(long now) {
    elder = younger;
    younger = newGeneration(now);
  }

  private Generation newGeneration(long now) {
    return new Generation(new PrefixIndex(slots, (_, _) -> {}, generationCapacity), now);
  }

  private static final class Generation {
    final PrefixIndex index;
    volatile long startedNanos;

    /** Blocks added, repeated ones counted again; written under the lock of the predictions. */
    volatile int added;

    Generation(PrefixIndex index, long startedNanos) {
      this.index = index;
      this.startedNanos = startedNanos;
    }
  }
}
