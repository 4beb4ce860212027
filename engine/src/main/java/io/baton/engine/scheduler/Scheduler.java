package io.baton.engine.scheduler;

import io.baton.bridge.Engine.KvEventListener;
import io.baton.bridge.EngineException;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.StepBatch;
import io.baton.engine.blocks.BlockPool;
import io.baton.engine.handoff.HandoffPort;
import io.baton.engine.sampling.DeadEndException;
import io.baton.engine.scheduler.Sequence.Ending;
import io.baton.engine.scheduler.Sequence.Phase;
import io.baton.engine.scheduler.Sequence.State;
import io.baton.telemetry.slices.Stage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Continuous batching: each {@link #step} admits what fits, computes one batch of prompt chunks and
 * next tokens, and tells the sinks. Without thread or clock of its own; all methods are called by
 * one thread, the handoff's callbacks included.
 */
public final class Scheduler {
  /** Larger priorities first, then who came first. The last one is the first to be retracted. */
  private static final Comparator<Sequence> BY_RANK =
      Comparator.<Sequence>comparingInt(s -> -s.request.priority()).thenComparingLong(s -> s.order);

  private final SchedulerLimits limits;
  private final Backend backend;
  private final BlockPool pool;
  private final LongSupplier clock;
  private final SchedulerCounters counters;
  private final Endings endings;
  private final Handoffs handoffs;
  private final StepPlanner planner;
  private final Answers answers;

  private final WaitQueue waiting;
  private final List<Sequence> running = new ArrayList<>();

  /** Prefill legs whose decode leg has not come; they hold no blocks. */
  private final Set<Sequence> inRooms = new LinkedHashSet<>();

  /** Legs that hold blocks for a transfer and are not in the batch. */
  private final Set<Sequence> transferring = new LinkedHashSet<>();

  private final StepBatch batch = new StepBatch();
  private long arrivals;
  private volatile @Nullable KvEventListener kvListener;
  private @Nullable Runnable whenEmpty;

  /**
   * A scheduler with nothing to do.
   *
   * @param clock nanoseconds
   */
  public Scheduler(
      SchedulerLimits limits,
      Backend backend,
      BlockPool pool,
      HandoffPort port,
      LongSupplier clock,
      SchedulerCounters counters) {
    this.limits = limits;
    this.backend = backend;
    this.pool = pool;
    this.clock = clock;
    this.counters = counters;
    this.waiting = new WaitQueue(limits.agingNanos());
    this.endings = new Endings(clock, counters);
    this.handoffs = new Handoffs(this, port);
    this.planner = new StepPlanner(limits, batch, clock);
    this.answers = new Answers(backend, counters, clock);
  }

  /** Who hears of changes of the prefix cache; after each step. */
  public void onKvEvents(KvEventListener listener) {
    kvListener = listener;
  }

  /** Takes a request in. */
  public void submit(Sequence sequence) {
    sequence.order = arrivals++;
    sequence.blocks =
        new SequenceBlocks(
            pool,
            limits.blockSize(),
            limits.prefixReuse(),
            sequence.request.cacheSalt(),
            sequence.request.lora());
    if (limits.draftTokens() > 0) {
      sequence.drafter = new NgramDrafter(limits.ngram(), limits.draftTokens());
    }
    counters.accepted.increment();
    Leg leg = sequence.request.leg();
    sequence.stages.begin(firstStage(leg), sequence.timing.arrival, counters.stages);
    if (leg == Leg.PREFILL) {
      handoffs.openRoom(sequence);
    } else {
      waitForBatch(sequence);
    }
  }

  private static Stage firstStage(Leg leg) {
    return switch (leg) {
      case AGGREGATED -> Stage.REQUEST_PROCESS;
      case PREFILL -> Stage.PREFILL_PREPARE;
      case DECODE -> Stage.DECODE_PREPARE;
    };
  }

  /** Ends a request as aborted, at once or as soon as its transfer has let go of its blocks. */
  public void cancel(Sequence sequence) {
    if (sequence.state != State.NEW) {
      endEarly(sequence, new Ending(null, "cancelled"));
    }
  }

  /** Ends everything. */
  public void cancelAll(String reason) {
    var all = new ArrayList<>(running);
    all.addAll(waiting.all());
    all.addAll(inRooms);
    all.addAll(transferring);
    for (Sequence sequence : all) {
      endEarly(sequence, new Ending(null, reason));
    }
  }

  /** Whether it holds no request, not even one that only waits for its transfer to end. */
  public boolean empty() {
    return running.isEmpty() && waiting.isEmpty() && inRooms.isEmpty() && transferring.isEmpty();
  }

  /** Tells once that it holds no request any more. */
  public void onceEmpty(Runnable listener) {
    whenEmpty = listener;
  }

  /**
   * Computes one batch.
   *
   * @return false if there was nothing to compute: call again when something has come in
   */
  public boolean step() {
    batch.clear();
    planner.begin();
    running.sort(BY_RANK);
    planDecodes();
    admit();
    planner.planPrefills(running);
    boolean worked = batch.rows() > 0;
    if (worked) {
      run();
    }
    pool.flushEvents(kvListener);
    publishQueues();
    Runnable listener = whenEmpty;
    if (listener != null && empty()) {
      whenEmpty = null;
      listener.run();
    }
    return worked;
  }

  /** Next tokens come first; who has no block for one takes it from the lowest in rank. */
  private void planDecodes() {
    for (int i = 0; i < running.size(); i++) {
      Sequence sequence = running.get(i);
      while (sequence.decodes() && !planner.planDecode(sequence)) {
        Sequence victim = lowestRetractable();
        if (victim == null) {
          // Blocks are tied up in transfers; they come back.
          break;
        }
        retract(victim);
        if (victim == sequence) {
          i--;
          break;
        }
      }
    }
  }

  private @Nullable Sequence lowestRetractable() {
    for (Sequence sequence : running.reversed()) {
      if (sequence.request.leg() != Leg.PREFILL && !planner.planned(sequence)) {
        return sequence;
      }
    }
    return null;
  }

  private void retract(Sequence victim) {
    long now = clock.getAsLong();
    running.remove(victim);
    blocks(victim).release();
    victim.computed = 0;
    victim.retracts++;
    victim.phase = Phase.NONE;
    victim.state = State.WAITING;
    counters.retracts.increment();
    victim.stages.event("retract", 1, now);
    victim.stages.next(Stage.PREFILL_WAITING, now);
    waiting.add(victim);
  }

  private void admit() {
    while (!waiting.isEmpty() && running.size() + transferring.size() < limits.maxRunning()) {
      Sequence next = waiting.first(clock.getAsLong());
      boolean receives = next.request.leg() == Leg.DECODE && next.retracts == 0;
      int headroom = running.size();
      // Decode gets the whole prompt's KV; whoever computes must compute the last token at least,
      // and whoever scores the prompt all of it.
      int reusable = receives ? next.length : next.unscored() ? 0 : next.length - 1;
      int reused = blocks(next).reserve(next.tokens, next.length, reusable, headroom);
      if (reused < 0) {
        return;
      }
      waiting.remove(next);
      next.computed = reused;
      noteCached(next, reused);
      if (receives) {
        handoffs.goToRoom(next);
      } else {
        next.state = State.RUNNING;
        running.add(next);
      }
    }
  }

  private void noteCached(Sequence sequence, int reused) {
    if (sequence.cachedTokens < 0) {
      sequence.cachedTokens = reused;
      counters.cachedTokens.add(reused);
      sequence.sink.onAccepted(reused);
    }
  }

  private void run() {
    long start = clock.getAsLong();
    for (Sequence sequence : planner.planned()) {
      answers.beforeStep(sequence, start, counters.steps.sum(), planner);
      if (sequence.sending != null) {
        handoffs.sendCached(sequence);
      }
    }
    backend.execute(batch, handoffs.layerListener(planner.planned()));
    answers.draw(planner.planned());
    long end = clock.getAsLong();
    counters.steps.increment();
    counters.longestStepNanos.accumulateAndGet(end - start, Math::max);
    for (Sequence sequence : planner.planned()) {
      try {
        answers.afterStep(sequence, start, end);
        settle(sequence, end);
      } catch (DeadEndException e) {
        endEarly(sequence, new Ending(EngineException.Kind.ENGINE, String.valueOf(e.getMessage())));
      }
    }
  }

  /** What becomes of a sequence after its step. */
  private void settle(Sequence sequence, long now) {
    if (sequence.generated() == 0 || sequence.uncomputed() > 1) {
      return;
    }
    if (sequence.request.leg() == Leg.PREFILL) {
      running.remove(sequence);
      handoffs.promptDone(sequence, now);
    } else if (answers.finished(sequence)) {
      running.remove(sequence);
      end(sequence);
    }
  }

  void waitForBatch(Sequence sequence) {
    sequence.state = State.WAITING;
    waiting.add(sequence);
    if (sequence.request.leg() != Leg.DECODE) {
      sequence.stages.next(Stage.PREFILL_WAITING, clock.getAsLong());
    }
  }

  void putInRoom(Sequence sequence) {
    sequence.state = State.IN_ROOM;
    inRooms.add(sequence);
  }

  void leaveRoom(Sequence sequence) {
    inRooms.remove(sequence);
    waitForBatch(sequence);
  }

  /** A transfer is under way: not in the batch, but not forgotten either. */
  void putInTransfer(Sequence sequence, State state) {
    sequence.state = state;
    transferring.add(sequence);
  }

  /** The first token and all KV of a decode leg have come. */
  void startDecoding(Sequence sequence, long now) {
    transferring.remove(sequence);
    blocks(sequence).seal(sequence.tokens, sequence.computed);
    sequence.state = State.RUNNING;
    sequence.stages.next(Stage.DECODE_WAITING, now);
    if (answers.finished(sequence)) {
      end(sequence);
    } else {
      running.add(sequence);
    }
  }

  Answers answers() {
    return answers;
  }

  SchedulerCounters counters() {
    return counters;
  }

  int layers() {
    return backend.layout().layers();
  }

  long now() {
    return clock.getAsLong();
  }

  /** Ends a sequence before its time, wherever it is. */
  void endEarly(Sequence sequence, Ending ending) {
    if (sequence.state == State.ENDED || sequence.ending != null) {
      return;
    }
    sequence.ending = ending;
    running.remove(sequence);
    waiting.remove(sequence);
    if (handoffs.breakOff(sequence, ending.reason())) {
      // Its blocks are the transfer's until that says that it has ended.
      inRooms.remove(sequence);
      transferring.add(sequence);
    } else {
      end(sequence);
    }
  }

  /** Lets everything go and tells the sink. */
  void end(Sequence sequence) {
    inRooms.remove(sequence);
    transferring.remove(sequence);
    blocks(sequence).release();
    sequence.state = State.ENDED;
    endings.tell(sequence);
  }

  static SequenceBlocks blocks(Sequence sequence) {
    SequenceBlocks blocks = sequence.blocks;
    if (blocks == null) {
      throw new IllegalStateException(sequence.rid + " was not submitted");
    }
    return blocks;
  }

  private void publishQueues() {
    int receiving = 0;
    for (Sequence sequence : transferring) {
      receiving += sequence.state == State.RECEIVING ? 1 : 0;
    }
    long tokens = 0;
    for (Sequence sequence : inRooms) {
      tokens += sequence.length;
    }
    for (Sequence sequence : waiting.all()) {
      tokens +=
          sequence.request.leg() == Leg.DECODE && sequence.retracts == 0 ? 0 : sequence.length;
    }
    for (Sequence sequence : running) {
      tokens += sequence.decodes() ? 0 : sequence.uncomputed();
    }
    counters.queues =
        new SchedulerCounters.Queues(
            running.size(),
            waiting.size(),
            inRooms.size(),
            receiving,
            transferring.size() - receiving,
            tokens);
  }

  /** Checks that every block is accounted for; for tests. */
  int[] holders() {
    var holders = new int[pool.size()];
    for (Sequence sequence : running) {
      blocks(sequence).countInto(holders);
    }
    for (Sequence sequence : waiting.all()) {
      blocks(sequence).countInto(holders);
    }
    for (Sequence sequence : transferring) {
      blocks(sequence).countInto(holders);
    }
    return holders;
  }
}
