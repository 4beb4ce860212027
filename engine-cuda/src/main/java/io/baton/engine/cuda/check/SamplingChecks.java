package io.baton.engine.cuda.check;

import io.baton.bridge.Sampling;
import io.baton.engine.backend.Draws;
import io.baton.engine.cuda.backend.DrawTrial;
import io.baton.engine.sampling.Choice;
import io.baton.engine.sampling.TokenChooser;
import io.baton.engine.sampling.TokenMask;
import io.baton.engine.sampling.Workspace;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Tokens drawn on the device are those that the host draws from the same logits. */
final class SamplingChecks implements CheckSuite {
  private static final int VOCABULARY = 151_936;
  private static final int ROWS = 64;
  private static final int PROMPT = 20;
  private static final int LENGTH = 60;
  private static final double MOST_LOGPROB_ERROR = 1e-4;

  /** Expected differences: roundings of a weight at the very edge of a draw. */
  private static final double LEAST_EQUAL = 0.99;

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "sampling.same-tokens",
            "temperature, top-k, top-p, min-p, penalties, bias, masks, log-probabilities: the host's tokens",
            SamplingChecks::sameTokens));
  }

  private static void sameTokens(CheckContext c) {
    var random = new SplittableRandom(77);
    try (var trial = new DrawTrial(c.device(), VOCABULARY, ROWS)) {
      int equal = 0;
      int decided = 0;
      int all = 0;
      for (int round = 0; round < 6; round++) {
        float[] logits = logits(random, 1.5 + round);
        trial.logits(logits);
        for (Sampling sampling : samplings(round)) {
          var planned = new Round(trial, sampling, round);
          planned.draw();
          for (int row = 0; row < ROWS; row++) {
            Draws.Draw draw = planned.draws.get(row);
            all++;
            if (draw.token() != Draws.UNDECIDED) {
              decided++;
              equal += planned.agrees(c, row, draw) ? 1 : 0;
            }
          }
        }
      }
      c.figure("decided on the device", 100.0 * decided / all, "%");
      c.figure("equal to the host's", 100.0 * equal / decided, "%");
      c.require(equal >= LEAST_EQUAL * decided, "%d of %d are equal", equal, decided);
      c.require(decided >= 0.8 * all, "%d of %d were decided", decided, all);
      time(c, trial, random);
    }
  }

  /** Bell-shaped, as logits of models nearly are, each row different. */
  private static float[] logits(SplittableRandom random, double deviation) {
    var logits = new float[ROWS * VOCABULARY];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (deviation * random.nextGaussian());
    }
    return logits;
  }

  private static List<Sampling> samplings(int seed) {
    return List.of(
        sampling(1, 0, 1, 0, seed, 1, 0, -1),
        sampling(0.7f, 0, 0.9f, 0, seed, 1, 0, 5),
        sampling(0.8f, 50, 1, 0, seed, 1, 0, -1),
        sampling(0.6f, 20, 0.95f, 0, seed, 1, 0.5f, -1),
        sampling(1, 0, 1, 0.1f, seed, 1.1f, 0, 20),
        sampling(0, 0, 1, 0, seed, 1.3f, 0.7f, 0));
  }

  private static Sampling sampling(
      float temperature,
      int topK,
      float topP,
      float minP,
      int seed,
      float repetition,
      float presence,
      int top) {
    return new Sampling(
        temperature,
        topK,
        topP,
        minP,
        OptionalLong.of(seed),
        repetition,
        presence,
        presence / 2,
        Map.of(7, 3f, 100, -2f),
        0,
        top);
  }

  private static void time(CheckContext c, DrawTrial trial, SplittableRandom random) {
    trial.logits(logits(random, 2.5));
    for (Sampling sampling : samplings(1).subList(0, 3)) {
      for (int rows : new int[] {1, ROWS}) {
        var round = new Round(trial, sampling, 1);
        double micros = round.micros(rows);
        c.figure(
            "%d draws, temperature %s, top-k %d, top-p %s"
                .formatted(rows, sampling.temperature(), sampling.topK(), sampling.topP()),
            micros,
            "us");
      }
    }
  }

  /** The same sampling for every row, by a seed of its own. */
  private static final class Round {
    private final DrawTrial trial;
    private final Draws draws = new Draws();
    private final Workspace work = new Workspace(VOCABULARY);
    private final TokenChooser[] choosers = new TokenChooser[ROWS];
    private final int[] tokens;

    Round(DrawTrial trial, Sampling sampling, int seed) {
      this.trial = trial;
      tokens = new SplittableRandom(seed).ints(LENGTH, 0, VOCABULARY).toArray();
      for (int row = 0; row < ROWS; row++) {
        @Nullable TokenMask mask = row % 4 == 3 ? SamplingChecks::everyThird : null;
        choosers[row] = new TokenChooser(sampling, new int[] {2}, mask, 1000L * seed + row);
      }
    }

    void draw() {
      plan(ROWS);
      trial.draw(draws);
    }

    private void plan(int rows) {
      draws.clear();
      for (int row = 0; row < rows; row++) {
        choosers[row].plan(draws, trial, row, tokens, PROMPT, LENGTH, work);
      }
    }

    double micros(int rows) {
      double best = Double.MAX_VALUE;
      for (int i = 0; i < 10; i++) {
        plan(rows);
        long start = System.nanoTime();
        trial.draw(draws);
        best = Math.min(best, (System.nanoTime() - start) / 1e3);
      }
      return best;
    }

    boolean agrees(CheckContext c, int row, Draws.Draw draw) {
      Choice here = choosers[row].choose(trial, row, null, tokens, PROMPT, LENGTH, work);
      Choice there = choosers[row].choose(trial, row, draw, tokens, PROMPT, LENGTH, work);
      if (draw.wantedTop() >= 0 && here.token() == there.token()) {
        c.require(Arrays.equals(here.topIds(), there.topIds()), "row %d: other best tokens", row);
        double error = Math.abs(here.logprob() - there.logprob());
        c.require(error < MOST_LOGPROB_ERROR, "row %d: log-probability off by %s", row, error);
      }
      return here.token() == there.token();
    }
  }

  private static void everyThird(int[] tokens, int promptLength, int length, long[] allowed) {
    for (int id = 0; id < VOCABULARY; id += 3) {
      allowed[id >> 6] |= 1L << id;
    }
  }
}
