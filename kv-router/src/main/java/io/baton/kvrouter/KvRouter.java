package io.baton.kvrouter;

import io.baton.kvblocks.BlockHasher;
import io.baton.kvblocks.BlockHashes;
import io.baton.kvblocks.KvEvent;
import io.baton.kvrouter.RouteSteps.Step;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a worker rank for each leg, and keeps what it needs to know for that: who exists, what
 * their prefix caches hold, how busy they are. One router serves one model.
 *
 * <p>Every method may be called from any thread and none waits for I/O. Events of one worker rank
 * must come in order, from one thread at a time; different ranks may come at once.
 */
public final class KvRouter {
  private final LongSupplier nanoClock;
  private final RankRegistry ranks;
  private final PrefixIndex index;
  private final Predictions predictions;
  private final PendingPrompts pending;
  private final MatchesPool matchesPool;
  private final ChainMemory chains = new ChainMemory();
  private final CacheEvents events;
  private final Scheduler scheduler;
  private final CacheSlots slots = new CacheSlots();

  private volatile RouterSettings settings;

  /** For prompts without namespace. */
  private volatile @Nullable BlockHasher plainHasher;

  private final EventCounts counts = new EventCounts();
  private final LongAdder decisions = new LongAdder();
  private final LongAdder refusals = new LongAdder();

  /**
   * An empty router.
   *
   * @param nanoClock monotonic nanoseconds, for steps and for the lifetime of predictions
   * @param random for ties and temperature; used by one thread at a time
   */
  public KvRouter(RouterSettings settings, LongSupplier nanoClock, RandomGenerator random) {
    this.settings = settings;
    this.nanoClock = nanoClock;
    this.ranks = new RankRegistry(slots, random);
    this.index = new PrefixIndex(slots, slots::count, settings.indexCapacity());
    this.predictions =
        new Predictions(
            slots, nanoClock, settings.predictionCapacity(), settings.predictionTtl().toNanos());
    this.pending = new PendingPrompts(predictions, settings.predictionTtl().toNanos());
    this.matchesPool = new MatchesPool(index, predictions);
    slots.attach(index);
    slots.attach(predictions);
    this.events = new CacheEvents(index, slots, counts);
    this.scheduler = new Scheduler(nanoClock, random, settings.cost());
  }

  /**
   * Decides by other settings from now on. What has been learnt is kept; bounds of memory and the
   * start of what is learnt stay as they were.
   */
  public void reconfigure(RouterSettings newSettings) {
    settings = newSettings;
  }

  /** What it decides by now. */
  public RouterSettings settings() {
    return settings;
  }

  /** A worker rank is there and may be chosen from now on. Joining again replaces the profile. */
  public void workerJoined(WorkerRank worker, WorkerProfile profile) {
    ranks.join(worker, profile);
  }

  /** A worker rank is gone; its blocks are forgotten. Unknown ranks are no error. */
  public void workerLeft(WorkerRank worker) {
    ranks.leave(worker);
  }

  /** Whether a rank may be chosen: false while it is suspect, draining or cordoned. */
  public void workerRoutable(WorkerRank worker, boolean routable) {
    RankState rank = ranks.find(worker);
    if (rank != null) {
      rank.routable(routable);
    }
  }

  /** What a rank's heartbeat says about its load. Unknown ranks are no error. */
  public void reported(WorkerRank worker, ReportedLoad load) {
    RankState rank = ranks.find(worker);
    if (rank != null) {
      rank.load.reported(load, rank.profile.blockSize());
    }
  }

  /** What a rank says it can still take. Unknown ranks are no error. */
  public void capacity(WorkerRank worker, WorkerCapacity capacity) {
    RankState rank = ranks.find(worker);
    if (rank != null) {
      rank.load.capacity(capacity);
    }
  }

  /** What other routers have put on a rank, all of them together. Unknown ranks are no error. */
  public void peersLoad(WorkerRank worker, PeerLoad load) {
    RankState rank = ranks.find(worker);
    if (rank != null) {
      rank.load.peers(load);
    }
  }

  /**
   * A leg's engine says how much of the prompt it found in its cache. What was predicted is held
   * against it; a rank whose cache is not what its events say is no longer believed, see {@link
   * CacheView#DISTRUSTED}.
   *
   * @param cachedTokens as the engine counts them
   */
  public void engineFound(RouteReceipt receipt, long cachedTokens) {
    RankState rank = ranks.find(receipt.chosen());
    if (rank != null && receipt.hashes().isPresent()) {
      int blockSize = receipt.hashes().get().blockSize();
      rank.truth.compare((long) receipt.overlap().held() * blockSize, cachedTokens);
    }
  }

  /** One change of a rank's prefix cache. What cannot be applied is counted in {@link #stats()}. */
  public void apply(WorkerRank worker, KvEvent event) {
    events.apply(ranks.find(worker), event);
  }

  /** All that is known of a rank's cache is void: after a gap, before a snapshot. */
  public void forgetBlocks(WorkerRank worker) {
    RankState rank = ranks.find(worker);
    if (rank != null) {
      rank.forgetBlocks(slots);
    }
  }

  /**
   * Chooses a worker rank and reserves its load, in one step.
   *
   * @throws NoWorkerException if no rank of the phase can be chosen; nothing is reserved then
   */
  public RouteReceipt route(RouteRequest request) throws NoWorkerException {
    return decide(request, settings, true);
  }

  /**
   * As {@link #route(RouteRequest)}, by other settings, such as those of the request's model. What
   * bounds memory is the router's own.
   *
   * @throws NoWorkerException if no rank of the phase can be chosen; nothing is reserved then
   */
  public RouteReceipt route(RouteRequest request, RouterSettings by) throws NoWorkerException {
    return decide(request, by, true);
  }

  /**
   * What {@link #route} would choose at this moment; nothing is reserved, predicted or counted, and
   * the receipt's reservation is absent.
   *
   * @throws NoWorkerException as {@link #route} would
   */
  public RouteReceipt explain(RouteRequest request) throws NoWorkerException {
    return decide(request, settings, false);
  }

  /**
   * As {@link #explain(RouteRequest)}, by other settings.
   *
   * @throws NoWorkerException as {@link #route(RouteRequest, RouterSettings)} would
   */
  public RouteReceipt explain(RouteRequest request, RouterSettings by) throws NoWorkerException {
    return decide(request, by, false);
  }

  /**
   * Sets two estimates beside each other: a prefill worker computes the prompt and hands it over to
   * a decode worker, or a decode worker does all of it alone. Nothing is reserved.
   *
   * @param prefill the leg that would compute the prompt
   * @param decode the leg that would answer; it must do with whatever KV layout the first one hands
   *     over
   * @throws NoWorkerException if neither can be done
   */
  public LegChoice compareLegs(RouteRequest prefill, RouteRequest decode, RouterSettings by)
      throws NoWorkerException {
    var choice = new LegChoice.Builder();
    NoWorkerException refusal = null;
    try {
      RouteReceipt first = explain(prefill, by);
      RankState rank = ranks.find(first.chosen());
      String layout = rank == null ? "" : rank.profile.kvLayout();
      choice.apart(first, explain(decode.withKvLayout(layout).withHashes(first.hashes()), by));
    } catch (NoWorkerException e) {
      refusal = e;
    }
    try {
      choice.alone(explain(decode.withAlone().withHashes(choice.hashes()), by));
    } catch (NoWorkerException e) {
      if (refusal != null) {
        throw refusal;
      }
    }
    return choice.build();
  }

  private RouteReceipt decide(RouteRequest request, RouterSettings by, boolean real)
      throws NoWorkerException {
    Steps steps = new Steps(nanoClock);
    List<RankState> all = ranks.of(request.phase());
    int blockSize = ranks.blockSize();
    boolean asksCaches = by.policy() == RoutingPolicy.KV && blockSize > 0 && !all.isEmpty();
    BlockHashes hashes = asksCaches ? hashes(request, blockSize, steps) : null;
    CacheMatches matches = hashes == null ? null : match(all, hashes, by.holesPossible(), steps);

    Scheduler.Placement placement;
    try {
      placement = scheduler.place(request, all, matches, blockSize, by, real);
    } catch (NoWorkerException e) {
      if (real) {
        refusals.increment();
      }
      throw e;
    } finally {
      matchesPool.giveBack(matches);
    }
    steps.schedule = steps.end();
    if (real) {
      decisions.increment();
      if (hashes != null) {
        predict(placement, hashes);
      }
    }
    return new RouteReceipt(
        request.requestId(),
        request.phase(),
        by.policy(),
        placement.chosen().rank.worker,
        Optional.ofNullable(hashes),
        placement.chosen().overlap,
        placement.candidates(),
        all.size(),
        steps.toRecord(),
        placement.reservation());
  }

  /** The figures of this moment. */
  public RouterStats stats() {
    List<RouterStats.Rank> all = ranks.all().stream().map(KvRouter::stats).toList();
    return new RouterStats(
        ranks.blockSize(),
        coefficients(),
        index.blocks(),
        index.capacity(),
        index.bytes(),
        index.evictions(),
        predictions.blocks(),
        predictions.cuts(),
        scheduler.activeReservations(),
        decisions.sum(),
        refusals.sum(),
        counts.storedBlocks.sum(),
        counts.removedBlocks.sum(),
        counts.clears.sum(),
        counts.unknownParents.sum(),
        counts.unknownRemovals.sum(),
        counts.malformedEvents.sum(),
        counts.ignoredEvents.sum(),
        all);
  }

  private Map<Phase, Coefficients> coefficients() {
    var all = new EnumMap<Phase, Coefficients>(Phase.class);
    for (Phase phase : Phase.values()) {
      all.put(phase, scheduler.learnt(phase).now());
    }
    return all;
  }

  private BlockHashes hashes(RouteRequest request, int blockSize, Steps steps) {
    Optional<BlockHashes> known = request.hashes().filter(h -> h.blockSize() == blockSize);
    if (known.isPresent()) {
      return known.get();
    }
    BlockHasher hasher = hasher(request, blockSize);
    Optional<BlockHashes> longer = chains.extend(hasher, request);
    if (longer.isPresent()) {
      steps.computeSeqHashes = steps.end();
      return longer.get();
    }
    long[] local = hasher.localHashes(request.tokens());
    steps.computeBlockHashes = steps.end();
    long[] sequence = BlockHasher.sequenceHashes(local);
    steps.computeSeqHashes = steps.end();
    var hashes = new BlockHashes(blockSize, request.tokens().length, local, sequence);
    chains.remember(request, hashes);
    return hashes;
  }

  private BlockHasher hasher(RouteRequest request, int blockSize) {
    if (!request.lora().isEmpty() || !request.cacheSalt().isEmpty()) {
      return new BlockHasher(blockSize, request.lora(), request.cacheSalt());
    }
    BlockHasher plain = plainHasher;
    if (plain == null || plain.blockSize() != blockSize) {
      plain = new BlockHasher(blockSize);
      plainHasher = plain;
    }
    return plain;
  }

  private CacheMatches match(
      List<RankState> candidates, BlockHashes hashes, boolean holesPossible, Steps steps) {
    predictions.expire();
    CacheMatches matches = matchesPool.take();
    matches.look(candidates, hashes.sequence(), Anchors.stride(hashes.blockSize()), holesPossible);
    steps.findMatches = steps.end();
    return matches;
  }

  private void predict(Scheduler.Placement placement, BlockHashes hashes) {
    Option chosen = placement.chosen();
    if (chosen.overlap.expected() < hashes.blockCount()) {
      long[] blocks = Anchors.of(hashes.sequence(), Anchors.stride(hashes.blockSize()));
      pending.add(chosen.rank, placement.reservation().orElse(null), blocks, nanoClock.getAsLong());
    }
  }

  private static RouterStats.Rank stats(RankState rank) {
    CacheSlot cache = rank.cache();
    return new RouterStats.Rank(
        rank.worker,
        rank.profile,
        rank.routable(),
        rank.cacheView(),
        cache == null ? 0 : cache.heldBlocks.get(),
        rank.load.activeRequests(),
        rank.load.queuedPrefillTokens(),
        rank.load.decodeTokens(),
        rank.load.ownRequests(),
        rank.load.ownPrefillTokens(),
        rank.load.ownDecodeTokens(),
        rank.truth.figures());
  }

  /** Notes when the steps of one decision end; each begins where the one before ended. */
  private static final class Steps {
    private final LongSupplier nanoClock;
    private final long start;
    private long mark;

    @Nullable Step computeBlockHashes;
    @Nullable Step computeSeqHashes;
    @Nullable Step findMatches;
    @Nullable Step schedule;

    Steps(LongSupplier nanoClock) {
      this.nanoClock = nanoClock;
      this.start = nanoClock.getAsLong();
      this.mark = start;
    }

    Step end() {
      long from = mark;
      mark = nanoClock.getAsLong();
      return new Step(from, mark);
    }

    RouteSteps toRecord() {
      return new RouteSteps(
          new Step(start, nanoClock.getAsLong()),
          Optional.ofNullable(computeBlockHashes),
          Optional.ofNullable(computeSeqHashes),
          Optional.ofNullable(findMatches),
          Optional.ofNullable(schedule));
    }
  }
}
