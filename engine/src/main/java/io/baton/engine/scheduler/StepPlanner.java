package io.baton.engine.scheduler;

import io.baton.engine.backend.StepBatch;
import io.baton.telemetry.slices.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Fills one step's batch within its token budget: next tokens first, then chunks of prompts. The
 * first prompt in rank gets half of what is left, the others share the other half, so that a long
 * prompt does not hold up short ones, and prompts of equal length still end in the order in which
 * they came.
 */
final class StepPlanner {
  private final SchedulerLimits limits;
  private final StepBatch batch;
  private final LongSupplier clock;
  private final List<Sequence> planned = new ArrayList<>();
  private final List<Sequence> prefills = new ArrayList<>();
  private int budget;

  /** Most rows of this step for each prompt that is scored. */
  private int scoreRows;

  StepPlanner(SchedulerLimits limits, StepBatch batch, LongSupplier clock) {
    this.limits = limits;
    this.batch = batch;
    this.clock = clock;
  }

  void begin() {
    for (Sequence sequence : planned) {
      sequence.stepRows = 0;
    }
    planned.clear();
    budget = limits.maxBatchTokens();
  }

  List<Sequence> planned() {
    return planned;
  }

  boolean planned(Sequence sequence) {
    return sequence.stepRows > 0;
  }

  /**
   * Adds the next token of a sequence, and a draft of those after it if speculation is on.
   *
   * @return false if there is no block for it
   */
  boolean planDecode(Sequence sequence) {
    SequenceBlocks blocks = Scheduler.blocks(sequence);
    int drafts = draft(sequence);
    if (drafts > 0 && !blocks.growTo(sequence.length + drafts)) {
      drafts = 0;
    }
    if (!blocks.growTo(sequence.length)) {
      return false;
    }
    sequence.stepDrafts = drafts;
    sequence.stepRows = 1 + drafts;
    batch.addSequence(blocks.table(), sequence.promptLength);
    batch.addRow(sequence.tokens[sequence.length - 1], sequence.length - 1);
    sequence.stepFirstLogit = batch.wantLogits();
    for (int i = 0; i < drafts; i++) {
      batch.addRow(drafter(sequence).draft()[i], sequence.length + i);
      batch.wantLogits();
    }
    budget = Math.max(0, budget - sequence.stepRows);
    planned.add(sequence);
    return true;
  }

  private int draft(Sequence sequence) {
    NgramDrafter drafter = sequence.drafter;
    if (drafter == null) {
      return 0;
    }
    int most = Math.min(budget - 1, sequence.limit - sequence.length - 1);
    if (!sequence.stages.keeps(Stage.SPEC_DRAFT.level())) {
      return drafter.guess(sequence.tokens, sequence.length, most);
    }
    long start = clock.getAsLong();
    int drafts = drafter.guess(sequence.tokens, sequence.length, most);
    sequence.stages.nested(Stage.SPEC_DRAFT, start, clock.getAsLong(), "draft_tokens", drafts);
    return drafts;
  }

  private static NgramDrafter drafter(Sequence sequence) {
    NgramDrafter drafter = sequence.drafter;
    if (drafter == null) {
      throw new IllegalStateException(sequence.rid + " has a draft but no drafter");
    }
    return drafter;
  }

  /** Shares the rest of the budget among sequences whose prompt is not computed. */
  void planPrefills(List<Sequence> running) {
    prefills.clear();
    for (Sequence sequence : running) {
      if (!sequence.decodes() && !planned(sequence)) {
        prefills.add(sequence);
      }
    }
    if (prefills.isEmpty()) {
      return;
    }
    // However many answers are under way, prompts get on.
    budget = Math.max(budget, Math.min(limits.maxBatchTokens(), limits.blockSize()));
    scoreRows = scoreRows();
    int spare = shareOut(prefills);
    for (Sequence sequence : prefills) {
      int more = Math.min(spare, wanted(sequence) - sequence.stepRows);
      sequence.stepRows += more;
      spare -= more;
    }
    for (Sequence sequence : prefills) {
      if (sequence.stepRows > 0) {
        addChunk(sequence);
      }
    }
  }

  /** Sets {@code stepRows} and returns what nobody needs. */
  private int shareOut(List<Sequence> prefills) {
    int left = budget;
    int others = prefills.size() - 1;
    int forFirst = others == 0 ? left : (left + 1) / 2;
    for (int i = 0; i < prefills.size(); i++) {
      Sequence sequence = prefills.get(i);
      int share = i == 0 ? forFirst : left / (prefills.size() - i);
      sequence.stepRows = Math.min(share, wanted(sequence));
      left -= sequence.stepRows;
    }
    return left;
  }

  private int wanted(Sequence sequence) {
    int uncomputed = sequence.uncomputed();
    return sequence.unscored() ? Math.min(scoreRows, uncomputed) : uncomputed;
  }

  /** Backends have room for the logits of as many rows as there may be answers and drafts. */
  private int scoreRows() {
    int scoring = 0;
    for (Sequence sequence : prefills) {
      scoring += sequence.unscored() ? 1 : 0;
    }
    int room = limits.maxRunning() * (1 + limits.draftTokens()) - batch.logitRows();
    return Math.max(1, (room - prefills.size() + scoring) / Math.max(1, scoring));
  }

  private void addChunk(Sequence sequence) {
    sequence.stepDrafts = 0;
    batch.addSequence(Scheduler.blocks(sequence).table(), sequence.promptLength);
    int end = sequence.computed + sequence.stepRows;
    for (int position = sequence.computed; position < end; position++) {
      batch.addRow(sequence.tokens[position], position);
      if (sequence.unscored() && position + 1 < sequence.promptLength) {
        int index = batch.wantLogits();
        sequence.stepFirstScore = position == sequence.computed ? index : sequence.stepFirstScore;
      }
    }
    batch.countPrefillRows(sequence.stepRows);
    if (end == sequence.length) {
      sequence.stepFirstLogit = batch.wantLogits();
    }
    planned.add(sequence);
  }

  /** Sequences in this step's batch. */
  int batchSize() {
    return planned.size();
  }
}
