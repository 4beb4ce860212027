package io.baton.standalone.route;

import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import io.baton.kvrouter.Coefficients;
import io.baton.kvrouter.KvRouter;
import io.baton.kvrouter.NoWorkerException;
import io.baton.kvrouter.Phase;
import io.baton.kvrouter.Reservation;
import io.baton.kvrouter.RouteReceipt;
import io.baton.kvrouter.RouteRequest;
import io.baton.kvrouter.RouterSettings;
import io.baton.kvrouter.WorkerProfile;
import io.baton.kvrouter.WorkerRank;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** The production router in virtual time. It sees what a gateway would: events and its own load. */
final class RouterPolicy implements Policy {
  private final KvRouter router;
  private final WorkerRank[] ranks;
  private final Map<WorkerRank, Integer> indexes = new HashMap<>();
  private final Map<SimRequest, Reservation> reservations = new HashMap<>();
  private final Watcher watcher;

  /** Looks on at each decision, before it is made. */
  interface Watcher {
    Watcher NONE = (router, ask, request) -> {};

    void deciding(KvRouter router, RouteRequest ask, SimRequest request) throws NoWorkerException;
  }

  RouterPolicy(RouterSettings settings, Timeline timeline, ReplaySetup setup, Watcher watcher) {
    this.router = new KvRouter(settings, timeline::nowNanos, new SplittableRandom(setup.seed()));
    this.ranks = new WorkerRank[setup.workers()];
    this.watcher = watcher;
    var profile =
        new WorkerProfile(Phase.AGGREGATED, setup.blockTokens(), setup.blocksPerWorker(), "", true);
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = new WorkerRank("worker-" + i, 1, 0);
      indexes.put(ranks[i], i);
      router.workerJoined(ranks[i], profile);
    }
  }

  @Override
  public int choose(SimRequest request) {
    var ask =
        RouteRequest.of(Integer.toString(request.trace.number()), Phase.AGGREGATED, new int[0])
            .withHashes(Optional.of(request.trace.prompt()));
    try {
      watcher.deciding(router, ask, request);
      RouteReceipt receipt = router.route(ask);
      reservations.put(request, receipt.reservation());
      return indexes.getOrDefault(receipt.chosen(), 0);
    } catch (NoWorkerException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void firstToken(SimRequest request) {
    of(request).prefillDone();
  }

  @Override
  public void finished(SimRequest request) {
    of(request).output(request.trace.outputTokens());
    of(request).finished();
    reservations.remove(request);
  }

  private Reservation of(SimRequest request) {
    return Optional.ofNullable(reservations.get(request)).orElseThrow();
  }

  @Override
  public void stored(int worker, TraceRequest request, int fromBlock) {
    long[] blocks = request.blocks();
    long[] run = Arrays.copyOfRange(blocks, fromBlock, blocks.length);
    OptionalLong parent =
        fromBlock == 0 ? OptionalLong.empty() : OptionalLong.of(blocks[fromBlock - 1]);
    router.apply(ranks[worker], new KvEvent.Stored(parent, run, run, KvTier.DEVICE));
  }

  @Override
  public void evicted(int worker, List<Long> blocks) {
    long[] gone = blocks.stream().mapToLong(Long::longValue).toArray();
    router.apply(ranks[worker], new KvEvent.Removed(gone, KvTier.DEVICE));
  }

  @Override
  public String beliefs() {
    Coefficients c = router.stats().coefficients(Phase.AGGREGATED);
    return String.format(
        Locale.ROOT,
        "prefill %.0f tokens/s, first token +%.1f ms, step %.1f ms + %.4f ms/request,"
            + " answer %.0f tokens",
        1e3 / c.prefillMillisPerToken(),
        c.firstTokenMillis(),
        c.stepMillis(),
        c.decodeMillisPerRequest(),
        c.outputTokens());
  }
}
