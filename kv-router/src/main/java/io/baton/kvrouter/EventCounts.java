package io.baton.kvrouter;

import java.util.concurrent.atomic.LongAdder;

/** What came of the KV events; see {@link RouterStats} for the meaning of each. */
final class EventCounts {
  final LongAdder storedBlocks = new LongAdder();
  final LongAdder removedBlocks = new LongAdder();
  final LongAdder clears = new LongAdder();
  final LongAdder unknownParents = new LongAdder();
  final LongAdder unknownRemovals = new LongAdder();
  final LongAdder malformedEvents = new LongAdder();
  final LongAdder ignoredEvents = new LongAdder();
}
