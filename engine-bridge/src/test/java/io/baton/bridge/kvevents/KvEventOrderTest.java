package io.baton.bridge.kvevents;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.kvblocks.BlockHasher;
import io.baton.kvblocks.KvEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** What is left of the truth when messages are lost, engines restart and replays have holes. */
class KvEventOrderTest {
  private static final int BLOCK = 4;

  /** What a reader of our events believes. */
  private final Set<Long> believed = new HashSet<>();

  private final KvFeedCounters counters = new KvFeedCounters();
  private long expectedId = 1;

  private void hear(int rank, long first, List<KvEvent> events) {
    assertThat(first).isEqualTo(expectedId);
    expectedId += events.size();
    for (KvEvent event : events) {
      switch (event) {
        case KvEvent.Stored stored -> {
          for (long hash : stored.sequenceHashes()) {
            believed.add(hash);
          }
        }
        case KvEvent.Removed removed -> {
          for (long hash : removed.sequenceHashes()) {
            believed.remove(hash);
          }
        }
        case KvEvent.Cleared cleared -> believed.clear();
      }
    }
  }

  /** An engine with a small cache: chains of blocks, evicted from their tails. */
  private static final class FakeEngine {
    final List<Replayer.Message> published = new ArrayList<>();
    final List<int[]> chains = new ArrayList<>();
    private final Random random;
    private long life;

    FakeEngine(Random random) {
      this.random = random;
    }

    Replayer.Message step() throws IOException {
      try (MessageBufferPacker out = MessagePack.newDefaultBufferPacker()) {
        out.packArrayHeader(2).packDouble(1.5).packArrayHeader(1);
        if (!chains.isEmpty() && random.nextInt(3) == 0) {
          remove(out);
        } else {
          store(out);
        }
        var message = new Replayer.Message(published.size(), out.toByteArray());
        published.add(message);
        return message;
      }
    }

    /** Continues a chain or begins one. */
    private void store(MessageBufferPacker out) throws IOException {
      int[] base =
          chains.isEmpty() || random.nextBoolean()
              ? new int[0]
              : chains.get(random.nextInt(chains.size()));
      int[] longer = java.util.Arrays.copyOf(base, base.length + BLOCK);
      for (int i = base.length; i < longer.length; i++) {
        longer[i] = random.nextInt(3);
      }
      if (chains.stream().noneMatch(chain -> java.util.Arrays.equals(chain, longer))) {
        chains.add(longer);
      }
      out.packArrayHeader(7).packString("BlockStored");
      out.packArrayHeader(1).packLong(name(longer));
      if (base.length == 0) {
        out.packNil();
      } else {
        out.packLong(name(base));
      }
      out.packArrayHeader(BLOCK);
      for (int i = base.length; i < longer.length; i++) {
        out.packInt(longer[i]);
      }
      out.packInt(BLOCK).packNil().packString("GPU");
    }

    private void remove(MessageBufferPacker out) throws IOException {
      int[] gone =
          chains.stream().max(java.util.Comparator.comparingInt(c -> c.length)).orElseThrow();
      chains.remove(gone);
      out.packArrayHeader(3).packString("BlockRemoved");
      out.packArrayHeader(1).packLong(name(gone)).packString("GPU");
    }

    private long name(int[] chain) {
      return java.util.Arrays.hashCode(chain) * 31L + life;
    }

    void restart() {
      chains.clear();
      published.clear();
      life++;
    }

    Set<Long> truth() {
      var hasher = new BlockHasher(BLOCK);
      var held = new HashSet<Long>();
      chains.forEach(chain -> held.add(hasher.hash(chain).sequence()[chain.length / BLOCK - 1]));
      return held;
    }
  }

  @RepeatedTest(200)
  void whateverIsLostNothingIsBelievedThatIsNotSo(RepetitionInfo repetition) throws IOException {
    var random = new Random(repetition.getCurrentRepetition());
    var engine = new FakeEngine(random);
    boolean replays = random.nextBoolean();
    int window = random.nextInt(40);
    Replayer replayer =
        from ->
            engine.published.stream()
                .filter(m -> m.sequence() >= from)
                .filter(m -> m.sequence() >= engine.published.size() - window)
                .filter(m -> random.nextInt(50) > 0)
                .toList();
    var order =
        new KvEventOrder(
            0,
            new KvMirror(BLOCK),
            replays ? Optional.of(replayer) : Optional.empty(),
            this::hear,
            counters);
    order.connected();
    for (int i = 0; i < 400; i++) {
      if (random.nextInt(60) == 0) {
        engine.restart();
        if (random.nextBoolean()) {
          order.disconnected();
          order.connected();
        } else {
          // Nothing was noticed, but the new life's first message comes through.
          Replayer.Message first = engine.step();
          order.message(first.sequence(), first.payload());
        }
      }
      Replayer.Message message = engine.step();
      if (random.nextInt(10) > 0) {
        order.message(message.sequence(), message.payload());
        assertThat(engine.truth()).containsAll(believed);
      }
    }
    var snapshot = order.snapshot();
    var held = new HashSet<Long>();
    snapshot.stored().forEach(stored -> held.add(stored.sequenceHashes()[0]));
    assertThat(held).isEqualTo(believed);
    assertThat(snapshot.asOfEventId()).isEqualTo(expectedId - 1);
  }

  @Test
  void withReplayNothingIsMissing() throws IOException {
    var random = new Random(1);
    var engine = new FakeEngine(random);
    Replayer replayer =
        from -> engine.published.stream().filter(m -> m.sequence() >= from).toList();
    for (int i = 0; i < 20; i++) {
      engine.step();
    }
    var order =
        new KvEventOrder(0, new KvMirror(BLOCK), Optional.of(replayer), this::hear, counters);
    order.connected();
    assertThat(believed).isEqualTo(engine.truth());
    for (int i = 0; i < 1000; i++) {
      Replayer.Message message = engine.step();
      if (random.nextInt(4) > 0) {
        order.message(message.sequence(), message.payload());
        assertThat(believed).isEqualTo(engine.truth());
      }
    }
    assertThat(counters.gaps.sum()).isPositive();
    assertThat(counters.distrusts.sum()).isZero();
  }

  @Test
  void theLastMessageBeforeASilenceIsAskedFor() throws IOException {
    var engine = new FakeEngine(new Random(3));
    Replayer replayer =
        from -> engine.published.stream().filter(m -> m.sequence() >= from).toList();
    var order =
        new KvEventOrder(0, new KvMirror(BLOCK), Optional.of(replayer), this::hear, counters);
    order.connected();
    engine.step();
    assertThat(believed).isEmpty();
    order.silent();
    assertThat(believed).isEqualTo(engine.truth()).isNotEmpty();
    order.silent();
    assertThat(counters.replayedMessages.sum()).isEqualTo(1);
  }

  @Test
  void aMessageThatCannotBeReadIsCountedAndEverythingForgotten() throws IOException {
    var engine = new FakeEngine(new Random(2));
    var order = new KvEventOrder(0, new KvMirror(BLOCK), Optional.empty(), this::hear, counters);
    Replayer.Message message = engine.step();
    order.message(message.sequence(), message.payload());
    assertThat(believed).hasSize(1);
    order.message(1, new byte[] {(byte) 0xc1});
    assertThat(believed).isEmpty();
    assertThat(counters.all().get("kv.bad.frames.malformed").getAsLong()).isEqualTo(1);
  }
}
