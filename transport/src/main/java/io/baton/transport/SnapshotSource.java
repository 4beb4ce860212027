package io.baton.transport;

import io.baton.proto.v1.KvEvent;
import java.util.List;

/**
 * A rank's whole cache.
 *
 * @param asOfEventId number of the last event that is contained
 * @param stored parents before children
 */
public record SnapshotSource(long asOfEventId, List<KvEvent> stored) {}
