package io.baton.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Names of keys. */
final class Keys {
  private static final int FARTHEST_SUGGESTION = 3;

  private Keys() {}

  /** {@code maxBodyBytes} to {@code max_body_bytes}. */
  static String snake(String camel) {
    return camel.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }

  /** {@code server.max_body} to {@code BATON_SERVER_MAX_BODY}. */
  static String environmentName(String path) {
    return "BATON_" + path.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  static String join(String parent, String key) {
    return parent.isEmpty() ? key : parent + "." + key;
  }

  /** The known key that was probably meant. */
  static Optional<String> nearest(String wrong, Collection<String> known) {
    String best = null;
    int bestDistance = FARTHEST_SUGGESTION + 1;
    for (String candidate : known) {
      int distance = distance(wrong.toLowerCase(Locale.ROOT), candidate);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Levenshtein's. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int swap = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(swap, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
