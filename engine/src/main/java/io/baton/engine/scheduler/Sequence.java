package io.baton.engine.scheduler;

import io.baton.bridge.EngineException;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenSink;
import io.baton.engine.handoff.HandoffPort.Receiving;
import io.baton.engine.handoff.HandoffPort.Sending;
import io.baton.engine.sampling.Choice;
import io.baton.engine.sampling.TokenChooser;
import io.baton.engine.sampling.TokenMask;
import io.baton.telemetry.slices.RequestTrace;
import io.baton.telemetry.slices.TraceClock;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through the scheduler: its tokens, how many of them have KV, and where that
 * is. Owned by the step thread once submitted.
 */
public final class Sequence {
  /** Where a sequence is in its life. */
  enum State {
    /** Not submitted yet. */
    NEW,
    /** A prefill leg whose decode leg has not come. */
    IN_ROOM,
    /** Waits for a place in the batch and for blocks. */
    WAITING,
    /** A decode leg whose KV is on its way. */
    RECEIVING,
    /** In the batch. */
    RUNNING,
    /** A prefill leg whose prompt is computed but not yet all sent. */
    SENDING,
    /** Ended; its sink has heard so. */
    ENDED
  }

  /** What its last step was for. */
  enum Phase {
    NONE,
    PREFILL,
    DECODE
  }

  final TokenRequest request;
  final String rid;
  final TokenSink sink;
  final Stages stages;
  final Timing timing;
  final int promptLength;

  /** Ids that end the answer. */
  final int[] endTokens;

  /** Most tokens, prompt and answer. */
  final int limit;

  final @Nullable TokenMask mask;
  State state = State.NEW;
  Phase phase = Phase.NONE;
  long phaseStart;
  long order;
  TokenChooser chooser;
  int[] tokens;
  int length;

  /** Leading tokens whose KV is in the blocks. */
  int computed;

  /** Prompt tokens whose KV was there when the request was admitted; -1 before that. */
  int cachedTokens = -1;

  /** Leading tokens of the prompt whose log-probabilities were told. */
  int scored = 1;

  int transferredTokens;
  long transferredBytes;
  @Nullable SequenceBlocks blocks;
  @Nullable Sending sending;
  @Nullable Receiving receiving;

  /** The first token, kept for the other leg, for a prefill leg. */
  @Nullable Choice firstChoice;

  /** Whether the blocks that were cached at admission were named to the transfer. */
  boolean cachedSent;

  /** First block of the prompt that the decode leg lacks, for a prefill leg. */
  int firstMissing;

  /** Set when it is to end as soon as its transfer has let go of its blocks. */
  @Nullable Ending ending;

  int retracts;
  int decodeSteps;
  int draftTokens;
  int acceptedDraftTokens;
  @Nullable NgramDrafter drafter;

  // This step's part in the batch.
  int stepRows;
  int stepFirstLogit;
  int stepFirstScore;
  int stepDrafts;
  int stepFirstDraw;
  int stepDraws;

  /**
   * A request that the scheduler has not seen yet.
   *
   * @param endTokens ids that end the answer
   * @param limit most tokens, prompt and answer; at least one more than the prompt has
   * @param seed for sampling
   * @param arrivalNanos when the engine got it
   */
  public Sequence(
      TokenRequest request,
      String rid,
      TokenSink sink,
      @Nullable RequestTrace trace,
      @Nullable TokenMask mask,
      int[] endTokens,
      int limit,
      long seed,
      long arrivalNanos) {
    this.request = request;
    this.rid = rid;
    this.sink = sink;
    this.stages = new Stages(trace);
    this.timing = new Timing(arrivalNanos);
    this.promptLength = request.tokenIds().length;
    this.endTokens = endTokens;
    this.limit = limit;
    this.mask = mask;
    this.chooser = new TokenChooser(request.sampling(), endTokens, mask, seed);
    this.tokens = Arrays.copyOf(request.tokenIds(), Math.min(limit, promptLength + 64));
    this.length = promptLength;
  }

  public String rid() {
    return rid;
  }

  /** Whether its end was told. */
  public boolean ended() {
    return state == State.ENDED;
  }

  /** Ends it outside of any scheduler; for engines that have broken. */
  public void fail(EngineException error) {
    if (state != State.ENDED) {
      state = State.ENDED;
      long now = System.nanoTime();
      stages.end(now);
      RequestTrace trace = stages.trace();
      if (trace != null) {
        trace.abort(String.valueOf(error.getMessage()), TraceClock.at(now));
      }
      sink.onFailed(error);
    }
  }

  /** Tokens of the answer so far. */
  public int generated() {
    return length - promptLength;
  }

  /** Tokens without KV. */
  int uncomputed() {
    return length - computed;
  }

  /** Whether log-probabilities of its prompt are still to be told. */
  boolean unscored() {
    return request.sampling().scorePrompt() && scored < promptLength;
  }

  /** Whether all that is missing is the KV of the token chosen last. */
  boolean decodes() {
    return length > promptLength && length - computed == 1;
  }

  boolean endsWith(int token) {
    for (int end : endTokens) {
      if (end == token) {
        return true;
      }
    }
    return false;
  }

  void append(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.min(limit, 2 * length));
    }
    tokens[length++] = token;
  }

  /**
   * How a sequence is to end before its time.
   *
   * @param failure what kind of failure it is; null: it is only broken off
   */
  record Ending(EngineException.@Nullable Kind failure, String reason) {}

  /** When things happened, in nanoseconds of the scheduler's clock; negative: not (yet). */
  static final class Timing {
    final long arrival;
    long firstForward = -1;
    long promptDone = -1;
    long firstToken = -1;
    long transferStart = -1;
    long transferEnd = -1;

    Timing(long arrival) {
      this.arrival = arrival;
    }
  }
}
