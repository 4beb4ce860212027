package io.baton.config;

import java.util.Map;

/**
 * Settings that are valid.
 *
 * @param value the record
 * @param origins full key to where its value came from, in the order of the records
 */
public record Loaded<T>(T value, Map<String, Origin> origins) {}
