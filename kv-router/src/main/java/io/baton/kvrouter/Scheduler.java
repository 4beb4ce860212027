package io.baton.kvrouter;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Weighs, chooses and reserves in one step, so that two threads that route at the same moment see
 * each other's choice.
 */
final class Scheduler {
  private static final Comparator<Option> BEST_FIRST =
      Comparator.comparing((Option option) -> !option.eligible())
          .thenComparingDouble(option -> option.cost);

  private final RouterSettings settings;
  private final CostModel costs;
  private final Picker picker;

  /** Held for one pass over the ranks of a phase. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Of round robin: how many were chosen before. */
  private final Map<Phase, Long> turns = new EnumMap<>(Phase.class);

  /** Reservations that are not released. */
  private final AtomicLong active = new AtomicLong();

  Scheduler(RouterSettings settings, RandomGenerator random) {
    this.settings = settings;
    this.costs = new CostModel(settings);
    this.picker = new Picker(random, settings.temperature());
  }

  /**
   * The outcome.
   *
   * @param chosen where the leg goes
   * @param candidates as in {@link RouteReceipt#candidates()}
   */
  record Placement(Option chosen, List<Candidate> candidates, Reservation reservation) {}

  /**
   * Places a leg.
   *
   * @param ranks of its phase
   * @param matches of the prompt in their caches; null if the policy does not ask
   * @param blockSize tokens per block of the matches
   * @throws NoWorkerException if all are excluded, or there are none
   */
  Placement place(
      RouteRequest request, List<RankState> ranks, @Nullable CacheMatches matches, int blockSize)
      throws NoWorkerException {
    List<Option> options = new ArrayList<>(ranks.size());
    List<Option> eligible = new ArrayList<>(ranks.size());
    CostModel.Setting setting;
    Option chosen;
    Reservation reservation;
    lock.lock();
    try {
      weighIn(request, ranks, matches, options, eligible);
      setting = setting(request, blockSize, eligible);
      chosen = choose(request, eligible, setting);
      reservation = reserve(request, chosen, blockSize);
    } finally {
      lock.unlock();
    }
    return new Placement(chosen, candidates(chosen, options, setting), reservation);
  }

  long activeReservations() {
    return active.get();
  }

  private static void weighIn(
      RouteRequest request,
      List<RankState> ranks,
      @Nullable CacheMatches matches,
      List<Option> options,
      List<Option> eligible)
      throws NoWorkerException {
    for (int i = 0; i < ranks.size(); i++) {
      RankState rank = ranks.get(i);
      Optional<Exclusion> excluded = rank.exclusion(request);
      Overlap overlap = matches == null || excluded.isPresent() ? Overlap.NONE : matches.of(i);
      Option option = new Option(rank, overlap, excluded);
      options.add(option);
      if (option.eligible()) {
        eligible.add(option);
      }
    }
    if (eligible.isEmpty()) {
      throw noWorker(request, options);
    }
  }

  private CostModel.Setting setting(RouteRequest request, int blockSize, List<Option> eligible) {
    long leastQueued = Long.MAX_VALUE;
    for (Option option : eligible) {
      leastQueued = Math.min(leastQueued, option.queuedPrefillTokens);
    }
    int tokens = Math.max(1, request.tokens().length);
    var setting = new CostModel.Setting(request.phase(), tokens, blockSize, leastQueued, 0);
    double bestCredit = 0;
    for (Option option : eligible) {
      bestCredit =
          Math.max(bestCredit, costs.credit(setting, option.overlap, option.queuedPrefillTokens));
    }
    return new CostModel.Setting(request.phase(), tokens, blockSize, leastQueued, bestCredit);
  }

  private Option choose(RouteRequest request, List<Option> eligible, CostModel.Setting setting) {
    return switch (settings.policy()) {
      case KV -> {
        for (Option option : eligible) {
          option.cost = terms(option, setting).total();
        }
        yield picker.pick(eligible);
      }
      case LEAST_LOADED -> {
        for (Option option : eligible) {
          option.cost = option.activeRequests;
        }
        yield picker.least(eligible);
      }
      case ROUND_ROBIN -> {
        long turn = turns.merge(request.phase(), 1L, Long::sum) - 1;
        yield eligible.get((int) (turn % eligible.size()));
      }
    };
  }

  private Reservation reserve(RouteRequest request, Option chosen, int blockSize) {
    int promptTokens = request.tokens().length;
    long cached = (long) chosen.overlap.expected() * blockSize;
    // Engines compute the last token even if they hold all of it.
    long uncached = Math.max(Math.min(1, promptTokens), promptTokens - cached);
    long prefillTokens = request.phase() == Phase.DECODE ? 0 : uncached;
    return new Reservation(
        chosen.rank.load, active, prefillTokens, promptTokens, request.expectedOutputTokens());
  }

  /** The chosen one first, then the others from the best on, as far as the receipt has room. */
  private List<Candidate> candidates(
      Option chosen, List<Option> options, CostModel.Setting setting) {
    List<Option> best = new ArrayList<>();
    int room = settings.receiptCandidates() - 1;
    for (Option option : options) {
      if (option != chosen) {
        keepIfBest(option, best, room);
      }
    }
    best.addFirst(chosen);
    return best.stream().map(option -> candidate(option, setting)).toList();
  }

  /** Insertion into a short sorted list: fleets are large, receipts are not. */
  private static void keepIfBest(Option option, List<Option> best, int room) {
    int at = best.size();
    while (at > 0 && BEST_FIRST.compare(option, best.get(at - 1)) < 0) {
      at--;
    }
    if (at < room) {
      best.add(at, option);
      if (best.size() > room) {
        best.removeLast();
      }
    }
  }

  private Candidate candidate(Option option, CostModel.Setting setting) {
    boolean weighed = settings.policy() == RoutingPolicy.KV && option.eligible();
    return option.toCandidate(weighed ? Optional.of(terms(option, setting)) : Optional.empty());
  }

  private CostTerms terms(Option option, CostModel.Setting setting) {
    return costs.terms(
        setting,
        option.overlap,
        option.queuedPrefillTokens,
        option.decodeTokens,
        option.activeRequests);
  }

  private static NoWorkerException noWorker(RouteRequest request, List<Option> options) {
    Map<Exclusion, Integer> excluded = new EnumMap<>(Exclusion.class);
    for (Option option : options) {
      excluded.merge(option.excluded.orElseThrow(), 1, Integer::sum);
    }
    return new NoWorkerException(request.requestId(), request.phase(), excluded);
  }
}
