package io.baton.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds what a misspelt name was probably meant to be. */
public final class Nearest {
  /** Longer ones are no names, and would cost too much to compare. */
  private static final int LONGEST = 200;

  private record Candidate(String name, int distance) {}

  private Nearest() {}

  /** The candidate with the fewest differing characters, if they are few. */
  static Optional<String> to(String name, Collection<String> candidates) {
    return all(name, candidates).stream().findFirst();
  }

  /** All candidates that differ in few characters, nearest first; case does not count. */
  public static List<String> all(String name, Collection<String> candidates) {
    if (name.length() > LONGEST) {
      return List.of();
    }
    int most = Math.max(1, name.length() / 3);
    String asked = name.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .map(one -> new Candidate(one, distance(asked, one.toLowerCase(Locale.ROOT))))
        .filter(one -> one.distance() <= most)
        .sorted(Comparator.comparingInt(Candidate::distance))
        .map(Candidate::name)
        .toList();
  }

  /** Characters to insert, delete, replace, or swap with their neighbour. */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int replace = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        cost[i][j] =
            Math.min(cost[i - 1][j - 1] + replace, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
