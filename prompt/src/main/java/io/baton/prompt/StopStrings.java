package io.baton.prompt;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first of some stop strings in text that comes in pieces, and holds back only what could
 * be the beginning of one. For one stream, used by one thread at a time.
 */
public final class StopStrings {
  private final List<String> stops;
  private String held = "";
  private boolean stopped;
  private @Nullable String found;

  /** Stop strings, none of them empty. */
  public StopStrings(List<String> stops) {
    this.stops = List.copyOf(stops);
    if (this.stops.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("stops: an empty string (expected: non-empty strings)");
    }
  }

  /** Whether there is nothing to look for. */
  public boolean isEmpty() {
    return stops.isEmpty();
  }

  /**
   * Takes the next piece.
   *
   * @return what can be shown now; nothing any more once it has stopped
   */
  public String append(String piece) {
    if (stops.isEmpty()) {
      return piece;
    }
    if (stopped) {
      return "";
    }
    String text = held + piece;
    int at = firstStop(text);
    if (at >= 0) {
      stopped = true;
      held = "";
      return text.substring(0, at);
    }
    int keep = possibleBeginning(text);
    held = text.substring(text.length() - keep);
    return text.substring(0, text.length() - keep);
  }

  /**
   * Where the stop begins that is complete first when the text is read letter by letter, so that
   * the answer does not depend on the pieces that it comes in; -1 if there is none.
   */
  private int firstStop(String text) {
    int firstEnd = Integer.MAX_VALUE;
    int begin = -1;
    String first = null;
    for (String stop : stops) {
      int at = text.indexOf(stop);
      int end = at + stop.length();
      if (at >= 0 && (end < firstEnd || (end == firstEnd && at < begin))) {
        firstEnd = end;
        begin = at;
        first = stop;
      }
    }
    found = first;
    return begin;
  }

  /** Length of the longest end of the text with which a stop string begins. */
  private int possibleBeginning(String text) {
    int longest = 0;
    for (String stop : stops) {
      int limit = Math.min(stop.length() - 1, text.length());
      for (int length = limit; length > longest; length--) {
        if (text.startsWith(stop.substring(0, length), text.length() - length)) {
          longest = length;
        }
      }
    }
    return longest;
  }

  /** Whether a stop string was found. */
  public boolean stopped() {
    return stopped;
  }

  /** The stop string that was found. */
  public Optional<String> found() {
    return Optional.ofNullable(found);
  }

  /** What was held back, at the end of the text. */
  public String flush() {
    String rest = held;
    held = "";
    return rest;
  }
}
