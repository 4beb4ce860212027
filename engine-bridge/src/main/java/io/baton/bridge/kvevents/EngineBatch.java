package io.baton.bridge.kvevents;

import java.util.List;

/**
 * One message of an engine's publisher.
 *
 * @param events those that are understood and concern this worker
 * @param skipped events of an unknown kind, medium or place
 */
record EngineBatch(List<EngineEvent> events, int skipped) {}
