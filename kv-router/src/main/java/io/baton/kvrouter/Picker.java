package io.baton.kvrouter;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** Picks one of several options. For one thread at a time. */
final class Picker {
  private static final Comparator<Option> BEST_FIRST =
      Comparator.comparingDouble((Option option) -> option.cost)
          .thenComparingLong(option -> option.activeRequests)
          .thenComparingLong(option -> option.rank.lastTurn);

  private final RandomGenerator random;
  private final double temperature;

  /**
   * A picker.
   *
   * @param temperature 0: least cost; above: see {@link #draw}
   */
  Picker(RandomGenerator random, double temperature) {
    this.random = random;
    this.temperature = temperature;
  }

  /** One of the options, which must not be none. */
  Option pick(List<Option> options) {
    return temperature > 0 ? draw(options) : least(options);
  }

  /**
   * The least cost; among equals the one with fewest requests, and among those the one that was
   * chosen longest ago, so that none is a hot spot and what is explained is what comes next.
   */
  Option least(List<Option> options) {
    return Collections.min(options, BEST_FIRST);
  }

  /** Any of them. */
  Option any(List<Option> options) {
    return options.get(random.nextInt(options.size()));
  }

  /** The one with fewer requests of two different ones drawn at random. */
  Option betterOfTwo(List<Option> options) {
    if (options.size() == 1) {
      return options.getFirst();
    }
    int one = random.nextInt(options.size());
    int other = random.nextInt(options.size() - 1);
    Option a = options.get(one);
    Option b = options.get(other < one ? other : other + 1);
    return b.activeRequests < a.activeRequests ? b : a;
  }

  /**
   * At random, with a probability that falls with cost. Costs are put on a scale from 0 (least) to
   * 1 (most) first, so that a temperature means the same at any load: at 1, the worst option is
   * chosen 1/e times as often as the best.
   */
  private Option draw(List<Option> options) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (Option option : options) {
      least = Math.min(least, option.cost);
      most = Math.max(most, option.cost);
    }
    double spread = (most - least) * temperature;
    double[] upTo = new double[options.size()];
    double sum = 0;
    for (int i = 0; i < upTo.length; i++) {
      sum += spread > 0 ? Math.exp((least - options.get(i).cost) / spread) : 1;
      upTo[i] = sum;
    }
    double drawn = random.nextDouble() * sum;
    int i = 0;
    while (i < upTo.length - 1 && upTo[i] <= drawn) {
      i++;
    }
    return options.get(i);
  }
}
