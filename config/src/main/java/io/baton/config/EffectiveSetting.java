package io.baton.config;

/**
 * One setting as it is in force.
 *
 * @param key from the root, with dots
 * @param value as it would be written in a file
 * @param origin where it comes from
 */
public record EffectiveSetting(String key, String value, Origin origin) {}
