package io.baton.bridge.server;

import io.baton.bridge.EngineCard.Role;
import java.time.Duration;
import java.util.Optional;

/**
 * What configuration says of a server, for what the server cannot say.
 *
 * @param role which legs it takes
 * @param kvEndpoint rank 0's publisher of KV events; empty: what the server says
 * @param kvBind whether we bind {@code kvEndpoint} and the engine connects
 * @param kvReplayEndpoint rank 0's replay socket; empty: what the server says
 * @param kvTopic prefix of topics; empty: all
 * @param tracing whether the server makes spans of its own
 * @param loadInterval between two looks at the server's load
 */
public record ServerOptions(
    Role role,
    String kvEndpoint,
    boolean kvBind,
    String kvReplayEndpoint,
    String kvTopic,
    Optional<Boolean> tracing,
    Duration loadInterval) {}
