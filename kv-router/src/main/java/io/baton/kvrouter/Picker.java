package io.baton.kvrouter;

import java.util.List;
import java.util.random.RandomGenerator;

/** Picks one of several options. For one thread at a time. */
final class Picker {
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
   * The least cost; among equals the one with fewest requests, and among those each with the same
   * chance, else the first would be a hot spot.
   */
  Option least(List<Option> options) {
    Option best = options.getFirst();
    int equals = 1;
    for (int i = 1; i < options.size(); i++) {
      Option option = options.get(i);
      int order = compare(option, best);
      if (order < 0) {
        best = option;
        equals = 1;
      } else if (order == 0 && random.nextInt(++equals) == 0) {
        best = option;
      }
    }
    return best;
  }

  private static int compare(Option a, Option b) {
    int byCost = Double.compare(a.cost, b.cost);
    return byCost != 0 ? byCost : Long.compare(a.activeRequests, b.activeRequests);
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
