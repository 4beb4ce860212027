package io.baton.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.bridge.Sampling;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.inference.ChiSquareTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is drawn follows the exact distribution, for each parameter: chi-square over 40,000 draws.
 * The seeds are fixed, so a test that passes once passes always.
 */
class SampledDistributionTest {
  private static final int VOCABULARY = 40;
  private static final int DRAWS = 40_000;

  /** Prompt of three, answer of five; 7 is in both, 9 three times in the answer. */
  private static final int[] TOKENS = {7, 3, 4, 9, 9, 7, 2, 9};

  private static final int PROMPT = 3;
  private static final int[] ENDS = {5};
  private static final float[] LOGITS = logits();

  private static float[] logits() {
    var random = new SplittableRandom(17);
    var logits = new float[VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) {
      logits[i] = (float) random.nextDouble(-2, 2);
    }
    return logits;
  }

  /** A way of sampling, and the probabilities as the definition has them. */
  private record Case(
      String name, Sampling sampling, @Nullable TokenMask mask, double[] probabilities) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    Map<Integer, Float> bias = Map.of(1, 1.5f, 6, -100f);
    TokenMask even =
        (tokens, from, length, allowed) -> {
          for (int t = 0; t < VOCABULARY; t += 2) {
            allowed[t >> 6] |= 1L << t;
          }
        };
    return Stream.of(
        of("temperature 1", sampling(1, 0, 1, 0), softmax(LOGITS, 1)),
        of("temperature 0.5", sampling(0.5f, 0, 1, 0), softmax(LOGITS, 0.5)),
        of("temperature 2", sampling(2, 0, 1, 0), softmax(LOGITS, 2)),
        of("top-k 5", sampling(1, 5, 1, 0), best(softmax(LOGITS, 1), 5)),
        of("top-k 1", sampling(1, 1, 1, 0), best(softmax(LOGITS, 1), 1)),
        of("top-p 0.6", sampling(1, 0, 0.6f, 0), nucleus(softmax(LOGITS, 1), 0.6)),
        of("min-p 0.2", sampling(1, 0, 1, 0.2f), atLeast(softmax(LOGITS, 1), 0.2)),
        of(
            "top-k 20, then top-p 0.7, then min-p 0.3",
            sampling(1.3f, 20, 0.7f, 0.3f),
            atLeast(nucleus(best(softmax(LOGITS, 1.3), 20), 0.7), 0.3)),
        of("repetition penalty", penalties(1.4f, 0, 0), softmax(repeated(1.4f), 1)),
        of("presence penalty", penalties(1, 0.8f, 0), softmax(counted(0.8f, 0), 1)),
        of("frequency penalty", penalties(1, 0, 0.6f), softmax(counted(0, 0.6f), 1)),
        of("logit bias", special(bias, 0), softmax(biased(bias), 1)),
        of("min tokens", special(Map.of(), 6), softmax(biased(Map.of(5, -1000f)), 1)),
        new Case("mask", sampling(1, 0, 1, 0), even, kept(softmax(LOGITS, 1), t -> t % 2 == 0)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void drawsFollowTheExactDistribution(Case of) {
    var counts = new long[VOCABULARY];
    var work = new Workspace(VOCABULARY);
    var model = new FixedLogits(LOGITS);
    for (int seed = 0; seed < DRAWS; seed++) {
      var chooser = new TokenChooser(of.sampling, ENDS, of.mask, seed);
      counts[chooser.choose(model, 0, null, TOKENS, PROMPT, TOKENS.length, work).token()]++;
    }
    assertFits(counts, of.probabilities);
  }

  @Test
  void onePromptsSuccessivePositionsAreDrawnIndependently() {
    var counts = new long[VOCABULARY];
    var work = new Workspace(VOCABULARY);
    var chooser = new TokenChooser(sampling(1, 0, 1, 0), ENDS, null, 99);
    var tokens = new int[DRAWS];
    for (int length = 1; length < DRAWS; length++) {
      counts[chooser.choose(new FixedLogits(LOGITS), 0, null, tokens, 1, length, work).token()]++;
    }
    assertFits(counts, softmax(LOGITS, 1));
  }

  @Test
  void whereAMaskLeavesOnlyTheEndTheAnswerEndsHoweverShort() {
    TokenMask onlyTheEnd = (tokens, from, length, allowed) -> allowed[0] |= 1L << ENDS[0];
    var work = new Workspace(VOCABULARY);
    for (float temperature : new float[] {0, 1}) {
      var sampling =
          new Sampling(temperature, 0, 1, 0, OptionalLong.empty(), 1, 0, 0, Map.of(), 50, -1);
      var chooser = new TokenChooser(sampling, ENDS, onlyTheEnd, 7);
      var choice =
          chooser.choose(new FixedLogits(LOGITS), 0, null, TOKENS, PROMPT, TOKENS.length, work);
      assertThat(choice.token()).isEqualTo(ENDS[0]);
    }
  }

  private static void assertFits(long[] counts, double[] probabilities) {
    int[] possible =
        IntStream.range(0, VOCABULARY).filter(t -> probabilities[t] * DRAWS > 1e-9).toArray();
    for (int token = 0; token < VOCABULARY; token++) {
      if (probabilities[token] * DRAWS <= 1e-9) {
        assertThat(counts[token]).as("draws of the impossible token %d", token).isZero();
      }
    }
    if (possible.length == 1) {
      assertThat(counts[possible[0]]).isEqualTo(DRAWS);
      return;
    }
    double[] expected =
        Arrays.stream(possible).mapToDouble(t -> probabilities[t] * DRAWS).toArray();
    long[] observed = Arrays.stream(possible).mapToLong(t -> counts[t]).toArray();
    assertThat(new ChiSquareTest().chiSquareTest(expected, observed))
        .as("probability of a worse fit by chance")
        .isGreaterThan(0.001);
  }

  private static Case of(String name, Sampling sampling, double[] probabilities) {
    return new Case(name, sampling, null, probabilities);
  }

  private static Sampling sampling(float temperature, int topK, float topP, float minP) {
    return new Sampling(
        temperature, topK, topP, minP, OptionalLong.empty(), 1, 0, 0, Map.of(), 0, -1);
  }

  private static Sampling penalties(float repetition, float presence, float frequency) {
    return new Sampling(
        1, 0, 1, 0, OptionalLong.empty(), repetition, presence, frequency, Map.of(), 0, -1);
  }

  private static Sampling special(Map<Integer, Float> bias, int minTokens) {
    return new Sampling(1, 0, 1, 0, OptionalLong.empty(), 1, 0, 0, bias, minTokens, -1);
  }

  private static double[] softmax(float[] logits, double temperature) {
    var weights = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp(logits[i] / temperature);
    }
    return normalized(weights);
  }

  private static double[] best(double[] probabilities, int count) {
    List<Integer> order = bestFirst(probabilities);
    return kept(probabilities, t -> order.indexOf(t) < count);
  }

  /** The fewest of the most probable tokens that reach the share together. */
  private static double[] nucleus(double[] probabilities, double share) {
    double sum = 0;
    int count = 0;
    for (int token : bestFirst(probabilities)) {
      if (sum >= share) {
        break;
      }
      sum += probabilities[token];
      count++;
    }
    return best(probabilities, count);
  }

  private static double[] atLeast(double[] probabilities, double shareOfBest) {
    double most = Arrays.stream(probabilities).max().orElseThrow();
    return kept(probabilities, t -> probabilities[t] >= shareOfBest * most);
  }

  private static List<Integer> bestFirst(double[] probabilities) {
    return IntStream.range(0, probabilities.length)
        .boxed()
        .sorted(Comparator.comparingDouble(t -> -probabilities[t]))
        .toList();
  }

  private static double[] kept(double[] probabilities, java.util.function.IntPredicate which) {
    var kept = new double[probabilities.length];
    for (int t = 0; t < kept.length; t++) {
      kept[t] = which.test(t) ? probabilities[t] : 0;
    }
    return normalized(kept);
  }

  private static double[] normalized(double[] weights) {
    double total = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(w -> w / total).toArray();
  }

  private static float[] repeated(float penalty) {
    float[] logits = LOGITS.clone();
    Arrays.stream(TOKENS)
        .distinct()
        .forEach(t -> logits[t] = logits[t] > 0 ? logits[t] / penalty : logits[t] * penalty);
    return logits;
  }

  /** Of the answer only: 9 three times, 7 and 2 once. */
  private static float[] counted(float presence, float frequency) {
    return biased(
        Map.of(9, -presence - 3 * frequency, 7, -presence - frequency, 2, -presence - frequency));
  }

  private static float[] biased(Map<Integer, Float> bias) {
    float[] logits = LOGITS.clone();
    bias.forEach((token, by) -> logits[token] += by);
    return logits;
  }
}
