package io.baton.engine.cuda.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.baton.bridge.Sampling;
import io.baton.engine.backend.Draws;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.fake.FakeCuda;
import io.baton.engine.sampling.Choice;
import io.baton.engine.sampling.TokenChooser;
import io.baton.engine.sampling.TokenMask;
import io.baton.engine.sampling.Workspace;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * What is asked of the kernel and what it says are brought over rightly: with the kernel in Java,
 * tokens drawn on the device are those of the host, whatever the parameters.
 */
class DeviceDrawsTest {
  private static final int VOCABULARY = 300;
  private static final int ROWS = 16;
  private static final int PROMPT = 6;
  private static final int LENGTH = 150;

  private final FakeCuda cuda = new FakeCuda();
  private final SplittableRandom random = new SplittableRandom(3);
  private final Workspace work = new Workspace(VOCABULARY);
  private final int[] tokens = random.ints(LENGTH, 0, VOCABULARY).toArray();

  private DrawTrial trial() {
    JavaDraws.teach(cuda);
    return new DrawTrial(CudaDevice.open(cuda, 0, CudaDevice.Waiting.BLOCKING), VOCABULARY, ROWS);
  }

  private float[] logits() {
    var logits = new float[ROWS * VOCABULARY];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (2 * random.nextGaussian());
    }
    return logits;
  }

  private Sampling randomSampling() {
    return new Sampling(
        random.nextInt(4) == 0 ? 0 : random.nextFloat() * 1.5f + 0.1f,
        random.nextBoolean() ? 0 : random.nextInt(1, 60),
        random.nextBoolean() ? 1 : random.nextFloat(0.1f, 1),
        random.nextBoolean() ? 0 : random.nextFloat(0.3f),
        OptionalLong.empty(),
        random.nextBoolean() ? 1 : 1.2f,
        random.nextBoolean() ? 0 : 0.5f,
        random.nextBoolean() ? 0 : 0.3f,
        random.nextBoolean() ? Map.of() : Map.of(5, 4f, tokens[2], -1f),
        random.nextBoolean() ? 0 : 20,
        random.nextInt(-1, 6));
  }

  private static void odd(int[] tokens, int promptLength, int length, long[] allowed) {
    for (int id = 1; id < VOCABULARY; id += 2) {
      allowed[id >> 6] |= 1L << id;
    }
  }

  @Test
  void tokensAreThoseOfTheHost() {
    try (DrawTrial trial = trial()) {
      for (int round = 0; round < 20; round++) {
        trial.logits(logits());
        var choosers = new TokenChooser[ROWS];
        var draws = new Draws();
        var planned = new int[ROWS];
        for (int row = 0; row < ROWS; row++) {
          TokenMask mask = random.nextInt(3) == 0 ? DeviceDrawsTest::odd : null;
          choosers[row] =
              new TokenChooser(randomSampling(), new int[] {1, 9}, mask, random.nextLong());
          planned[row] = choosers[row].plan(draws, trial, row, tokens, PROMPT, LENGTH, work);
        }
        trial.draw(draws);
        for (int row = 0; row < ROWS; row++) {
          if (planned[row] >= 0) {
            assertThat(draws.get(planned[row]).token()).isNotNegative();
            same(
                choosers[row].choose(
                    trial, row, draws.get(planned[row]), tokens, PROMPT, LENGTH, work),
                choosers[row].choose(trial, row, null, tokens, PROMPT, LENGTH, work));
          }
        }
      }
    }
    assertThat(cuda.leftOpen()).isEmpty();
  }

  private static void same(Choice found, Choice expected) {
    assertThat(found.token()).isEqualTo(expected.token());
    assertThat(found.topIds()).containsExactly(expected.topIds());
    assertThat(found.topLogprobs()).containsExactly(expected.topLogprobs(), within(1e-4f));
    if (!Float.isNaN(expected.logprob())) {
      assertThat(found.logprob()).isCloseTo(expected.logprob(), within(1e-4f));
    }
  }

  @Test
  void whatFindsNoRoomIsLeftToTheHost() {
    try (DrawTrial trial = trial()) {
      trial.logits(logits());
      var sampling = new Sampling(1, 0, 1, 0, OptionalLong.empty(), 1, 0, 0, Map.of(), 0, -1);
      var chooser = new TokenChooser(sampling, new int[0], null, 1);
      var draws = new Draws();
      for (int i = 0; i < ROWS + 3; i++) {
        chooser.plan(draws, trial, i % ROWS, tokens, PROMPT, LENGTH, work);
      }
      trial.draw(draws);
      assertThat(draws.get(ROWS - 1).token()).isNotNegative();
      assertThat(draws.get(ROWS).token()).isEqualTo(Draws.UNDECIDED);
      assertThat(chooser.choose(trial, 0, draws.get(ROWS), tokens, PROMPT, LENGTH, work).token())
          .isNotNegative();
    }
  }
}
