package io.baton.config;

/**
 * One mistake.
 *
 * @param where the place
 * @param key full path of the key; may be empty
 * @param message value and what is expected
 */
public record Problem(Origin where, String key, String message) {
  @Override
  public String toString() {
    return where + ": " + (key.isEmpty() ? "" : key + ": ") + message;
  }
}
