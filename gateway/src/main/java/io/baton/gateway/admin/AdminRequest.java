package io.baton.gateway.admin;

import java.util.Map;
import java.util.Optional;

/**
 * What an operator asks.
 *
 * @param method {@code GET}, {@code POST}, ...
 * @param path as it came, still encoded
 * @param rest what follows the route's path, decoded; empty if the route is exact
 * @param query first value of each parameter, decoded
 */
public record AdminRequest(
    String method, String path, String rest, Map<String, String> query, byte[] body) {

  /** A query parameter. */
  public Optional<String> parameter(String name) {
    return Optional.ofNullable(query.get(name));
  }
}
