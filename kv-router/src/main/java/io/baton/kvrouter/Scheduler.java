package io.baton.kvrouter;

import io.baton.kvrouter.Reservation.Amounts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
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

  private final LongSupplier nanoClock;
  private final RandomGenerator random;
  private final Map<Phase, LearntCosts> learnt;

  /** Held for one pass over the ranks of a phase. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Of round robin: how many were chosen before. */
  private final Map<Phase, Long> turns = new EnumMap<>(Phase.class);

  /** Decisions that were meant. */
  private long decisions;

  private final Sessions sessions = new Sessions();

  /** Reservations that are not released. */
  private final AtomicLong active = new AtomicLong();

  Scheduler(LongSupplier nanoClock, RandomGenerator random, CostSettings start) {
    this.nanoClock = nanoClock;
    this.random = random;
    this.learnt = new EnumMap<>(Phase.class);
    for (Phase phase : Phase.values()) {
      learnt.put(phase, new LearntCosts(start));
    }
  }

  /** What the workers of a phase have taught; prefill and decode workers may differ in speed. */
  LearntCosts learnt(Phase phase) {
    return Objects.requireNonNull(learnt.get(phase));
  }

  /**
   * The outcome.
   *
   * @param chosen where the leg goes
   * @param candidates as in {@link RouteReceipt#candidates()}
   * @param reservation absent if none was wanted
   */
  record Placement(Option chosen, List<Candidate> candidates, Optional<Reservation> reservation) {}

  /**
   * Places a leg.
   *
   * @param ranks of its phase
   * @param matches of the prompt in their caches; null if the policy does not ask
   * @param blockSize tokens per block of the matches
   * @param by what is decided by
   * @param reserve whether the leg will be sent; false: only what would be chosen is asked
   * @throws NoWorkerException if all are excluded, or there are none
   */
  Placement place(
      RouteRequest request,
      List<RankState> ranks,
      @Nullable CacheMatches matches,
      int blockSize,
      RouterSettings by,
      boolean reserve)
      throws NoWorkerException {
    List<Option> options = new ArrayList<>(ranks.size());
    List<Option> eligible = new ArrayList<>(ranks.size());
    Option chosen;
    Optional<Reservation> reservation;
    lock.lock();
    try {
      weighIn(request, ranks, matches, blockSize, options, eligible);
      chosen = choose(request, eligible, blockSize, by, reserve);
      reservation = reserve ? Optional.of(reserve(request, chosen, blockSize)) : Optional.empty();
    } finally {
      lock.unlock();
    }
    return new Placement(chosen, candidates(chosen, options, by.receiptCandidates()), reservation);
  }

  long activeReservations() {
    return active.get();
  }

  private void weighIn(
      RouteRequest request,
      List<RankState> ranks,
      @Nullable CacheMatches matches,
      int blockSize,
      List<Option> options,
      List<Option> eligible)
      throws NoWorkerException {
    long now = nanoClock.getAsLong();
    double pace = learnt(request.phase()).now().prefillMillisPerToken();
    for (int i = 0; i < ranks.size(); i++) {
      RankState rank = ranks.get(i);
      Optional<Exclusion> excluded = rank.exclusion(request);
      Overlap overlap = matches == null || excluded.isPresent() ? Overlap.NONE : matches.of(i);
      if (excluded.isEmpty()
          && !request.limits().evenFull()
          && rank.load.full(uncached(request, overlap, blockSize))) {
        excluded = Optional.of(Exclusion.FULL);
      }
      Option option = new Option(rank, overlap, excluded, now, pace);
      options.add(option);
      if (option.eligible()) {
        eligible.add(option);
      }
    }
    if (eligible.isEmpty()) {
      throw noWorker(request, options);
    }
  }

  private Option choose(
      RouteRequest request,
      List<Option> eligible,
      int blockSize,
      RouterSettings by,
      boolean itsTurn) {
    Picker picker = new Picker(random, by.temperature());
    return switch (by.policy()) {
      case KV -> {
        weigh(request, eligible, blockSize, new CostModel(by.cost()));
        Option best = picker.pick(eligible);
        if (itsTurn) {
          sessions.went(request.phase(), request.session(), best.rank.worker);
        }
        yield best;
      }
      case LEAST_LOADED -> leastLoaded(eligible, picker);
      case ROUND_ROBIN -> {
        long turn = turns.merge(request.phase(), itsTurn ? 1L : 0L, Long::sum);
        yield eligible.get((int) ((itsTurn ? turn - 1 : turn) % eligible.size()));
      }
      case RANDOM -> picker.any(eligible);
      case POWER_OF_TWO -> picker.betterOfTwo(eligible);
      case SESSION ->
          request.session().isEmpty()
              ? leastLoaded(eligible, picker)
              : rendezvous(request.session(), eligible);
    };
  }

  private void weigh(RouteRequest request, List<Option> eligible, int blockSize, CostModel costs) {
    CostModel.Setting setting = setting(request, blockSize, eligible, costs);
    WorkerRank last = sessions.last(request.phase(), request.session());
    for (Option option : eligible) {
      option.terms =
          costs.terms(
              setting,
              option.overlap,
              option.backlogTokens,
              option.decodeTokens,
              option.activeRequests,
              option.rank.worker.equals(last));
      option.cost = option.terms.total();
    }
  }

  private CostModel.Setting setting(
      RouteRequest request, int blockSize, List<Option> eligible, CostModel costs) {
    Coefficients coefficients = learnt(request.phase()).now();
    int tokens = Math.max(1, request.promptTokens());
    double best = 0;
    for (Option option : eligible) {
      best = Math.max(best, costs.held(tokens, blockSize, option.overlap));
    }
    return new CostModel.Setting(
        request.phase(),
        tokens,
        blockSize,
        outputTokens(request),
        best,
        coefficients,
        request.alone());
  }

  /** Clients name a limit, not a length: answers so far say more. */
  private double outputTokens(RouteRequest request) {
    double mean = learnt(request.phase()).now().outputTokens();
    int most = request.expectedOutputTokens();
    return most == 0 ? mean : Math.min(mean, most);
  }

  private Option leastLoaded(List<Option> eligible, Picker picker) {
    for (Option option : eligible) {
      option.cost = option.activeRequests;
    }
    return picker.least(eligible);
  }

  private static Option rendezvous(String session, List<Option> eligible) {
    byte[] key = session.getBytes(StandardCharsets.UTF_8);
    Option best = eligible.getFirst();
    long most = Long.MIN_VALUE;
    for (Option option : eligible) {
      long weight = RendezvousWeight.of(key, option.rank.worker);
      if (weight > most) {
        most = weight;
        best = option;
      }
    }
    return best;
  }

  private Reservation reserve(RouteRequest request, Option chosen, int blockSize) {
    long uncached = uncached(request, chosen.overlap, blockSize);
    var amounts =
        new Amounts(
            request.prefills() ? uncached : 0,
            request.promptTokens(),
            request.expectedOutputTokens());
    chosen.rank.lastTurn = ++decisions;
    return new Reservation(chosen.rank.load, active, nanoClock, learnt(request.phase()), amounts);
  }

  /** Prompt tokens that are not there; engines compute the last one even if they hold all of it. */
  private static long uncached(RouteRequest request, Overlap overlap, int blockSize) {
    int promptTokens = request.promptTokens();
    long cached = (long) overlap.expected() * blockSize;
    return Math.max(Math.min(1, promptTokens), promptTokens - cached);
  }

  /** The chosen one first, then the others from the best on, as far as the receipt has room. */
  private static List<Candidate> candidates(Option chosen, List<Option> options, int most) {
    List<Option> best = new ArrayList<>();
    int room = most - 1;
    for (Option option : options) {
      if (option != chosen) {
        keepIfBest(option, best, room);
      }
    }
    List<Candidate> all = new ArrayList<>(best.size() + 1);
    all.add(chosen.toCandidate());
    for (Option option : best) {
      all.add(option.toCandidate());
    }
    return List.copyOf(all);
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

  private static NoWorkerException noWorker(RouteRequest request, List<Option> options) {
    Map<Exclusion, Integer> excluded = new EnumMap<>(Exclusion.class);
    for (Option option : options) {
      excluded.merge(option.excluded.orElseThrow(), 1, Integer::sum);
    }
    return new NoWorkerException(request.requestId(), request.phase(), excluded);
  }
}
