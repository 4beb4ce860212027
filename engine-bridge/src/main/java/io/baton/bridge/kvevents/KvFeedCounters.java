package io.baton.bridge.kvevents;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What is counted about all KV event feeds of one engine. Thread-safe. */
public final class KvFeedCounters {
  final LongAdder messages = new LongAdder();
  final LongAdder blocks = new LongAdder();
  final LongAdder skippedEvents = new LongAdder();
  final LongAdder gaps = new LongAdder();
  final LongAdder restarts = new LongAdder();
  final LongAdder replayedMessages = new LongAdder();
  final LongAdder distrusts = new LongAdder();
  final LongAdder orphanBlocks = new LongAdder();
  final LongAdder wrongBlockSizes = new LongAdder();
  private final Map<KvFrameException.Reason, LongAdder> badFrames =
      new EnumMap<>(KvFrameException.Reason.class);

  /** All at zero. */
  public KvFeedCounters() {
    for (var reason : KvFrameException.Reason.values()) {
      badFrames.put(reason, new LongAdder());
    }
  }

  void bad(KvFrameException.Reason reason) {
    badFrames.getOrDefault(reason, new LongAdder()).increment();
  }

  /** Names, with dots, to their values. */
  public Map<String, LongSupplier> all() {
    var all = new LinkedHashMap<String, LongSupplier>();
    all.put("kv.messages", messages::sum);
    all.put("kv.blocks", blocks::sum);
    all.put("kv.skipped.events", skippedEvents::sum);
    all.put("kv.gaps", gaps::sum);
    all.put("kv.restarts", restarts::sum);
    all.put("kv.replayed.messages", replayedMessages::sum);
    all.put("kv.distrusts", distrusts::sum);
    all.put("kv.orphan.blocks", orphanBlocks::sum);
    all.put("kv.wrong.block.sizes", wrongBlockSizes::sum);
    badFrames.forEach((reason, count) ->
        all.put("kv.bad.frames." + reason.name().toLowerCase(Locale.ROOT), count::sum));
    return all;
  }
}
