package io.baton.bench.router;

import io.baton.kvblocks.BlockHasher;
import io.baton.kvblocks.BlockHashes;
import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import io.baton.kvrouter.KvRouter;
import io.baton.kvrouter.Phase;
import io.baton.kvrouter.RouterSettings;
import io.baton.kvrouter.WorkerProfile;
import io.baton.kvrouter.WorkerRank;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * A router that knows ten million blocks of eight workers: prompts of 32,768 tokens, each held by
 * every worker to a depth drawn at random, among blocks of others.
 */
final class BigIndex {
  static final int WORKERS = 8;
  static final int BLOCK_TOKENS = 16;
  static final int PROMPT_TOKENS = 32_768;
  static final int PROMPTS = 512;
  static final int BLOCKS = 10_000_000;
  private static final int CAPACITY = 12_000_000;
  private static final int EVENT_BLOCKS = 128;

  final KvRouter router =
      new KvRouter(
          RouterSettings.defaults().withCapacities(CAPACITY, 1 << 18),
          System::nanoTime,
          new SplittableRandom(1));

  final WorkerRank[] workers = new WorkerRank[WORKERS];
  final int[][] prompts = new int[PROMPTS][];
  final BlockHashes[] hashes = new BlockHashes[PROMPTS];

  BigIndex() {
    var profile = new WorkerProfile(Phase.AGGREGATED, BLOCK_TOKENS, BLOCKS / WORKERS, "", true);
    for (int i = 0; i < WORKERS; i++) {
      workers[i] = new WorkerRank("worker-" + i, 1, 0);
      router.workerJoined(workers[i], profile);
    }
    var random = new SplittableRandom(2);
    var hasher = new BlockHasher(BLOCK_TOKENS);
    for (int i = 0; i < PROMPTS; i++) {
      prompts[i] = random.ints(PROMPT_TOKENS, 0, 150_000).toArray();
      hashes[i] = hasher.hash(prompts[i]);
      for (WorkerRank worker : workers) {
        store(worker, Arrays.copyOf(hashes[i].sequence(), 1 + random.nextInt(2048)));
      }
    }
    while (router.stats().indexBlocks() < BLOCKS) {
      for (int i = 0; i < 100; i++) {
        store(workers[random.nextInt(WORKERS)], random.longs(EVENT_BLOCKS).toArray());
      }
    }
  }

  void store(WorkerRank worker, long[] run) {
    router.apply(worker, new KvEvent.Stored(OptionalLong.empty(), run, run, KvTier.DEVICE));
  }
}
