package io.baton.gateway.fleet;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which names somebody may have meant. */
final class NearestNames {
  private static final int MOST = 3;
  private static final int LONGEST = 200;

  private NearestNames() {}

  /** A sentence naming those that are close; empty if none is. */
  static String hint(String asked, Collection<String> names) {
    if (asked.length() > LONGEST) {
      return "";
    }
    String wanted = asked.toLowerCase(Locale.ROOT);
    List<String> near =
        names.stream()
            .filter(name -> distance(wanted, name.toLowerCase(Locale.ROOT)) <= allowed(name))
            .sorted(Comparator.comparingInt(n -> distance(wanted, n.toLowerCase(Locale.ROOT))))
            .limit(MOST)
            .toList();
    return near.isEmpty()
        ? ""
        : near.stream().collect(Collectors.joining("`, `", "Did you mean `", "`?"));
  }

  private static int allowed(String name) {
    return Math.max(2, name.length() / 3);
  }

  /** Letters to change, add or drop; 1 where one name holds the other. */
  static int distance(String a, String b) {
    if (!a.isEmpty() && (b.contains(a) || a.contains(b))) {
      return a.equals(b) ? 0 : 1;
    }
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
