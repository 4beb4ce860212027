package io.baton.engine.scheduler;

import io.baton.bridge.TokenRequest.Leg;
import io.baton.bridge.TokenSink;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.Draws;
import io.baton.engine.sampling.Choice;
import io.baton.engine.sampling.Workspace;
import io.baton.engine.scheduler.Sequence.Phase;
import io.baton.telemetry.slices.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/** Turns a step's logits into tokens and tells the sinks. */
final class Answers {
  private final Backend backend;
  private final SchedulerCounters counters;
  private final LongSupplier clock;
  private final Workspace workspace;
  private final Draws draws = new Draws();
  private final List<Choice> chosen = new ArrayList<>();

  Answers(Backend backend, SchedulerCounters counters, LongSupplier clock) {
    this.clock = clock;
    this.backend = backend;
    this.counters = counters;
    this.workspace = new Workspace(backend.vocabSize());
  }

  /** Notes the beginning of a step in the sequence's trace. */
  void beforeStep(Sequence sequence, long start, long step, StepPlanner planner) {
    boolean decodes = sequence.decodes();
    Phase phase = decodes ? Phase.DECODE : Phase.PREFILL;
    if (phase != sequence.phase) {
      sequence.phase = phase;
      sequence.phaseStart = start;
      sequence.stages.next(decodes ? Stage.DECODE_FORWARD : Stage.PREFILL_FORWARD, start);
      if (!decodes && sequence.timing.firstForward < 0) {
        sequence.timing.firstForward = start;
      }
    }
    if (sequence.stages.recorded()) {
      String mode = decodes ? "decode" : "prefill";
      sequence.stages.scheduled(start, step, planner.batchSize(), mode);
    }
  }

  /** Has the backend draw the step's tokens, if it can. */
  void draw(List<Sequence> sequences) {
    if (!backend.canDraw()) {
      return;
    }
    draws.clear();
    for (Sequence sequence : sequences) {
      sequence.stepDraws = 0;
      if (sequence.decodes() || sequence.computed + sequence.stepRows == sequence.length) {
        planDraws(sequence);
      }
    }
    if (draws.count() > 0) {
      backend.draw(draws);
    }
  }

  /** Tokens after drafts can be drawn if it does not matter which drafts are right. */
  private void planDraws(Sequence sequence) {
    int more = sequence.chooser.looksBack() ? 0 : sequence.stepDrafts;
    for (int i = 0; i <= more; i++) {
      int draw =
          sequence.chooser.plan(
              draws,
              backend,
              sequence.stepFirstLogit + i,
              sequence.tokens,
              sequence.promptLength,
              sequence.length + i,
              workspace);
      if (i == 0) {
        sequence.stepFirstDraw = draw;
      }
    }
    sequence.stepDraws = sequence.stepFirstDraw < 0 ? 0 : more + 1;
  }

  /** Takes the step's result: KV of all rows, and maybe the next tokens. */
  void afterStep(Sequence sequence, long start, long end) {
    if (sequence.decodes()) {
      afterDecode(sequence, start, end);
    } else {
      afterPrefill(sequence, start, end);
    }
    Scheduler.blocks(sequence).seal(sequence.tokens, sequence.computed);
  }

  private void afterPrefill(Sequence sequence, long start, long end) {
    counters.prefillTokens.add(sequence.stepRows);
    if (sequence.unscored()) {
      score(sequence);
    }
    sequence.computed += sequence.stepRows;
    boolean whole = sequence.phaseStart == start && sequence.computed == sequence.length;
    if (!whole) {
      sequence.stages.nested(Stage.CHUNKED_PREFILL, start, end);
    }
    if (sequence.computed < sequence.length) {
      return;
    }
    Choice choice = choose(sequence, 0);
    sequence.append(choice.token());
    counters.generatedTokens.increment();
    if (sequence.timing.promptDone < 0) {
      sequence.timing.promptDone = end;
      sequence.timing.firstToken = end;
    }
    if (sequence.request.leg() == Leg.PREFILL) {
      sequence.firstChoice = choice;
    } else {
      sequence.stages.next(Stage.DECODE_WAITING, end);
      emit(sequence, List.of(choice));
    }
  }

  /** Each row's logits say how probable the prompt's next token was. */
  private void score(Sequence sequence) {
    chosen.clear();
    int end = Math.min(sequence.computed + sequence.stepRows + 1, sequence.promptLength);
    // After a retraction the beginning is computed again, but was told before.
    int from = sequence.scored;
    for (int next = from; next < end; next++) {
      int index = sequence.stepFirstScore + next - 1 - sequence.computed;
      chosen.add(sequence.chooser.score(backend, index, sequence.tokens[next], workspace));
    }
    if (!chosen.isEmpty()) {
      sequence.scored = end;
      sequence.sink.onPrompt(
          Arrays.copyOfRange(sequence.tokens, from, end), logprobs(chosen, chosen.size()));
    }
  }

  /** Drafts are right as long as each is what would have been chosen in its place. */
  private void afterDecode(Sequence sequence, long start, long end) {
    counters.decodeTokens.add(sequence.stepRows);
    sequence.stages.nested(Stage.DECODE_LOOP, start, end, "decode_ct", sequence.decodeSteps);
    sequence.decodeSteps++;
    chosen.clear();
    int accepted = 0;
    while (true) {
      Choice choice = choose(sequence, accepted);
      sequence.append(choice.token());
      chosen.add(choice);
      sequence.computed++;
      boolean right = accepted < sequence.stepDrafts && draft(sequence, accepted) == choice.token();
      if (!right || finished(sequence)) {
        break;
      }
      accepted++;
    }
    if (sequence.stepDrafts > 0 && sequence.stages.keeps(Stage.SPEC_VERIFY.level())) {
      sequence.stages.nested(
          Stage.SPEC_VERIFY, start, clock.getAsLong(), "accepted_tokens", accepted);
    }
    sequence.draftTokens += sequence.stepDrafts;
    sequence.acceptedDraftTokens += accepted;
    counters.draftTokens.add(sequence.stepDrafts);
    counters.acceptedDraftTokens.add(accepted);
    counters.generatedTokens.add(chosen.size());
    emit(sequence, chosen);
  }

  private static int draft(Sequence sequence, int index) {
    NgramDrafter drafter = sequence.drafter;
    return drafter == null ? -1 : drafter.draft()[index];
  }

  /** The token of one of the step's logit rows of a sequence. */
  private Choice choose(Sequence sequence, int place) {
    Draws.Draw drawn =
        place < sequence.stepDraws ? draws.get(sequence.stepFirstDraw + place) : null;
    return sequence.chooser.choose(
        backend,
        sequence.stepFirstLogit + place,
        drawn,
        sequence.tokens,
        sequence.promptLength,
        sequence.length,
        workspace);
  }

  /** Takes the first token of a decode leg as the prefill leg chose it. */
  void takeFirst(Sequence sequence, Choice choice, long now) {
    sequence.append(choice.token());
    sequence.timing.firstToken = now;
    counters.generatedTokens.increment();
    emit(sequence, List.of(choice));
  }

  /** Whether the token chosen last ends the answer. */
  boolean finished(Sequence sequence) {
    return sequence.length >= sequence.limit
        || sequence.endsWith(sequence.tokens[sequence.length - 1]);
  }

  /** An end token is not told. */
  private static void emit(Sequence sequence, List<Choice> choices) {
    int count = choices.size();
    if (sequence.endsWith(choices.get(count - 1).token())) {
      count--;
    }
    if (count == 0) {
      return;
    }
    var ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = choices.get(i).token();
    }
    boolean wanted = sequence.request.sampling().topLogprobs() >= 0;
    sequence.sink.onTokens(ids, wanted ? logprobs(choices, count) : null);
  }

  private static TokenSink.Logprobs logprobs(List<Choice> choices, int count) {
    var chosen = new float[count];
    var topIds = new int[count][];
    var topLogprobs = new float[count][];
    for (int i = 0; i < count; i++) {
      Choice choice = choices.get(i);
      chosen[i] = choice.logprob();
      topIds[i] = choice.topIds();
      topLogprobs[i] = choice.topLogprobs();
    }
    return new TokenSink.Logprobs(chosen, topIds, topLogprobs);
  }
}
