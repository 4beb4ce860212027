package io.baton.kvrouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PickerTest {
  private static final int DRAWS = 100_000;

  @Test
  void atTemperatureZeroTheLeastCostWins() {
    assertThat(shares(0, 3, 1, 2)).containsExactly(0, 1, 0);
  }

  @Test
  void equalsAreChosenEquallyOften() {
    double[] shares = shares(0, 1, 1, 5, 1);

    assertThat(shares[2]).isZero();
    assertThat(shares[0]).isEqualTo(1 / 3.0, within(0.01));
    assertThat(shares[1]).isEqualTo(1 / 3.0, within(0.01));
    assertThat(shares[3]).isEqualTo(1 / 3.0, within(0.01));
  }

  @Test
  void atTemperatureOneTheWorstIsChosenETimesLessOftenThanTheBestWhateverTheScale() {
    for (double scale : new double[] {0.001, 1, 1_000_000}) {
      double[] shares = shares(1, 0 * scale, 7 * scale);

      assertThat(shares[0] / shares[1]).isEqualTo(Math.E, within(0.1));
    }
  }

  @Test
  void equalCostsAreDrawnEquallyAtAnyTemperature() {
    assertThat(shares(0.5, 4, 4)[0]).isEqualTo(0.5, within(0.01));
  }

  private static double[] shares(double temperature, double... costs) {
    Picker picker = new Picker(new SplittableRandom(1), temperature);
    List<Option> options = Arrays.stream(costs).mapToObj(PickerTest::option).toList();
    double[] shares = new double[costs.length];
    for (int i = 0; i < DRAWS; i++) {
      Option picked = picker.pick(options);
      picked.rank.lastTurn = i + 1;
      shares[options.indexOf(picked)] += 1.0 / DRAWS;
    }
    return Arrays.stream(shares).map(share -> Math.round(share * DRAWS) / (double) DRAWS).toArray();
  }

  private static Option option(double cost) {
    WorkerProfile profile = new WorkerProfile(Phase.AGGREGATED, 16, 0, "", true);
    RankState rank = new RankState(new WorkerRank("w", 1, 0), profile, new RankLoad(), -1);
    Option option = new Option(rank, Overlap.NONE, Optional.empty(), 1, 1);
    option.cost = cost;
    return option;
  }
}
