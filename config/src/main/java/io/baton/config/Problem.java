package io.baton.config;

import java.util.Optional;

/**
 * One thing that is wrong.
 *
 * @param origin where
 * @param key which setting, from the root, with dots
 * @param found what stands there
 * @param expected what should stand there; empty if that goes without saying
 * @param nearest the valid key that was probably meant
 */
public record Problem(
    Origin origin, String key, String found, String expected, Optional<String> nearest) {

  static Problem of(Origin origin, String key, String found, String expected) {
    return new Problem(origin, key, found, expected, Optional.empty());
  }

  /** One line: {@code place: key: found (expected: ...)}. */
  @Override
  public String toString() {
    String hint = expected.isEmpty() ? "" : " (expected: " + expected + ")";
    if (nearest.isPresent()) {
      hint = " (did you mean " + nearest.get() + "?)";
    }
    return origin + ": " + (key.isEmpty() ? "" : key + ": ") + found + hint;
  }
}
