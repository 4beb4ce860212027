package io.baton.bridge.server;

import io.baton.bridge.EngineCard;
import java.util.List;

/**
 * What a server says of itself when the worker starts.
 *
 * @param kvEvents where it publishes KV events, one per rank; empty: it does not
 * @param tracing whether it makes spans of its own
 */
public record ServerFacts(EngineCard card, List<KvEventSource> kvEvents, Tracing tracing) {

  /** Whether a server makes spans of its own; not every server can be asked. */
  public enum Tracing {
    ON,
    OFF,
    UNKNOWN
  }
}
