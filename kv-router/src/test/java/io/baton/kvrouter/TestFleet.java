package io.baton.kvrouter;

import io.baton.kvblocks.BlockHasher;
import io.baton.kvblocks.BlockHashes;
import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** A router, some worker ranks that exist only in its eyes, and a clock that stands still. */
final class TestFleet {
  static final int BLOCK = 16;

  final KvRouter router;
  final List<WorkerRank> workers = new ArrayList<>();
  long now = 1_000;

  TestFleet(RouterSettings settings) {
    router = new KvRouter(settings, () -> now, new SplittableRandom(1));
  }

  /** A fleet under default settings with this many aggregated workers. */
  static TestFleet ofAggregated(int count) {
    return new TestFleet(RouterSettings.defaults()).join(Phase.AGGREGATED, count);
  }

  TestFleet join(Phase phase, int count) {
    for (int i = 0; i < count; i++) {
      join("w" + workers.size(), new WorkerProfile(phase, BLOCK, 10_000, "layout", true));
    }
    return this;
  }

  WorkerRank join(String id, WorkerProfile profile) {
    WorkerRank worker = new WorkerRank(id, 1, 0);
    workers.add(worker);
    router.workerJoined(worker, profile);
    return worker;
  }

  RouteReceipt route(int[] tokens) throws NoWorkerException {
    return route(RouteRequest.of("r", Phase.AGGREGATED, tokens));
  }

  RouteReceipt route(RouteRequest request) throws NoWorkerException {
    return router.route(request);
  }

  /** The worker's cache holds the first blocks of a prompt now. */
  void store(WorkerRank worker, int[] tokens, int blocks) {
    store(worker, tokens, 0, blocks, KvTier.DEVICE);
  }

  void store(WorkerRank worker, int[] tokens, int from, int to, KvTier tier) {
    BlockHashes hashes = new BlockHasher(BLOCK).hash(tokens);
    router.apply(
        worker,
        new KvEvent.Stored(
            from == 0 ? OptionalLong.empty() : OptionalLong.of(hashes.sequence()[from - 1]),
            Arrays.copyOfRange(hashes.sequence(), from, to),
            Arrays.copyOfRange(hashes.local(), from, to),
            tier));
  }

  /** The worker's cache has lost the blocks of a prompt from this one on, tail first. */
  void removeFrom(WorkerRank worker, int[] tokens, int from) {
    long[] sequence = new BlockHasher(BLOCK).hash(tokens).sequence();
    router.apply(
        worker,
        new KvEvent.Removed(
            IntStream.iterate(sequence.length - 1, i -> i >= from, i -> i - 1)
                .mapToLong(i -> sequence[i])
                .toArray(),
            KvTier.DEVICE));
  }

  /** The candidate for a worker in a receipt. */
  static Candidate candidate(RouteReceipt receipt, WorkerRank worker) {
    return receipt.candidates().stream()
        .filter(candidate -> candidate.worker().equals(worker))
        .findFirst()
        .orElseThrow();
  }

  /** What the router's figures say of a worker. */
  RouterStats.Rank stats(WorkerRank worker) {
    return router.stats().ranks().stream()
        .filter(rank -> rank.worker().equals(worker))
        .findFirst()
        .orElseThrow();
  }

  /** A prompt of its own for each seed. */
  static int[] prompt(int seed, int blocks) {
    return new SplittableRandom(seed).ints((long) blocks * BLOCK, 0, 150_000).toArray();
  }
}
