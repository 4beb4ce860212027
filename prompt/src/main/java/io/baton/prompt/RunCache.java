package io.baton.prompt;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** Remembers the tokens of runs of text, within a budget of bytes. Thread-safe. */
final class RunCache {
  private static final int ENTRY_BYTES = 96;

  private final Cache<String, int[]> tokens;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  RunCache(long maxBytes) {
    this.tokens =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((String text, int[] ids) -> ENTRY_BYTES + 2 * text.length() + 4 * ids.length)
            .build();
  }

  /** The result must not be changed. */
  int[] get(String text, Function<String, int[]> encoder) {
    int[] known = tokens.getIfPresent(text);
    if (known != null) {
      hits.increment();
      return known;
    }
    misses.increment();
    int[] encoded = encoder.apply(text);
    tokens.put(text, encoded);
    return encoded;
  }

  long hits() {
    return hits.sum();
  }

  long misses() {
    return misses.sum();
  }
}
