package io.baton.engine.scheduler;

import io.baton.engine.EngineSettings.SimTiming;
import io.baton.engine.backend.sim.SimBackend;
import io.baton.engine.blocks.BlockPool;
import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** A scheduler over the simulated backend in virtual time, which checks itself after each step. */
final class VirtualEngine {
  static final int BLOCK_SIZE = 4;
  static final int VOCABULARY = 500;
  static final SimTiming TIMING =
      new SimTiming(
          Duration.ofMillis(1),
          Duration.ofNanos(20_000),
          Duration.ofMillis(2),
          Duration.ofNanos(50_000),
          8,
          VOCABULARY);

  /** A cached block as events tell of it. */
  private record Held(long hash, KvTier tier) {}

  final SimBackend backend;
  final BlockPool pool;
  final Scheduler scheduler;
  final SchedulerCounters counters = new SchedulerCounters();
  private final Set<Held> told = new HashSet<>();
  private long lastEvent;

  VirtualEngine(
      VirtualTime time,
      VirtualHandoff handoff,
      int blocks,
      int hostBlocks,
      SchedulerLimits limits) {
    backend =
        new SimBackend(
            TIMING, time, limits.blockSize(), blocks, hostBlocks, VOCABULARY, Set.of(), "test");
    pool =
        new BlockPool(
            blocks,
            hostBlocks,
            new BlockPool.TierCopies() {
              @Override
              public void copyToHost(int block, int hostBlock) {
                backend.copyToHost(block, hostBlock);
              }

              @Override
              public void copyFromHost(int hostBlock, int block) {
                backend.copyFromHost(hostBlock, block);
              }
            });
    scheduler = new Scheduler(limits, backend, pool, handoff.portOf(backend), time::now, counters);
    scheduler.onKvEvents(this::hear);
  }

  static SchedulerLimits limits(int maxBatchTokens, int draftTokens) {
    return new SchedulerLimits(
        BLOCK_SIZE, 16, maxBatchTokens, true, draftTokens, 2, 1_000_000_000L);
  }

  boolean step() {
    boolean worked = scheduler.step();
    check();
    return worked;
  }

  /** Every block is accounted for, and events tell what is cached. */
  void check() {
    pool.checkInvariants(scheduler.holders());
    Set<Held> cached = new HashSet<>();
    for (KvEvent.Stored stored : pool.snapshot().stored()) {
      for (long hash : stored.sequenceHashes()) {
        cached.add(new Held(hash, stored.tier()));
      }
    }
    pool.flushEvents(this::hear);
    if (!cached.equals(told)) {
      throw new IllegalStateException("events tell of " + told + ", cached are " + cached);
    }
  }

  private void hear(int rank, long firstEventId, java.util.List<KvEvent> events) {
    if (firstEventId != lastEvent + 1) {
      throw new IllegalStateException("event " + firstEventId + " after " + lastEvent);
    }
    lastEvent += events.size();
    for (KvEvent event : events) {
      switch (event) {
        case KvEvent.Stored stored -> {
          for (long hash : stored.sequenceHashes()) {
            require(told.add(new Held(hash, stored.tier())), "stored twice");
          }
        }
        case KvEvent.Removed removed -> {
          for (long hash : removed.sequenceHashes()) {
            require(told.remove(new Held(hash, removed.tier())), "removed but not stored");
          }
        }
        case KvEvent.Cleared cleared -> told.clear();
      }
    }
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalStateException(otherwise);
    }
  }
}
