package io.baton.bridge.server;

import java.util.Optional;

/**
 * Where one data-parallel rank publishes its KV events by ZMQ.
 *
 * @param endpoint {@code tcp://HOST:PORT} or {@code ipc://PATH}
 * @param bind whether we bind and the engine connects; usually it is the other way round
 * @param replayEndpoint where lost events can be asked for again
 * @param topic prefix of the topics to listen to; empty: all
 */
public record KvEventSource(
    int rank, String endpoint, boolean bind, Optional<String> replayEndpoint, String topic) {}
