package io.baton.prompt.tools;

import java.util.List;

/** Finds the first of some markers in text that comes letter by letter. */
public final class MarkerHold {
  private final List<String> markers;
  private final StringBuilder held = new StringBuilder();

  /** Looks for these; none may begin with another. */
  public MarkerHold(List<String> markers) {
    this.markers = List.copyOf(markers);
  }

  /**
   * Takes the next letter.
   *
   * @param free gets what cannot be part of a marker
   * @return the marker that is complete now; empty if none is
   */
  public String accept(char c, StringBuilder free) {
    held.append(c);
    while (!held.isEmpty()) {
      String found = match();
      if (found == null) {
        free.append(held.charAt(0));
        held.deleteCharAt(0);
      } else {
        if (!found.isEmpty()) {
          held.setLength(0);
        }
        return found;
      }
    }
    return "";
  }

  /** The marker itself, nothing if it could become one, null if it cannot. */
  private @org.jspecify.annotations.Nullable String match() {
    for (String marker : markers) {
      if (marker.length() >= held.length() && marker.startsWith(held.toString())) {
        return marker.length() == held.length() ? marker : "";
      }
    }
    return null;
  }

  /** What was held back, at the end. */
  public String flush() {
    String rest = held.toString();
    held.setLength(0);
    return rest;
  }
}
