package io.baton.config;

/**
 * A part of the configuration with an owner.
 *
 * @param name its top-level key; empty if the record is the whole file
 * @param type the record of its settings
 */
public record Section(String name, Class<?> type) {
  /** Path of one of its settings from the root. */
  static String path(String parent, String key) {
    return parent.isEmpty() ? key : parent + "." + key;
  }
}
