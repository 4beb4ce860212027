package io.baton.standalone.fake;

import io.baton.bridge.Engine.KvEventListener;
import io.baton.kvblocks.KvEvent;
import io.baton.kvblocks.KvTier;
import io.baton.standalone.fake.FakeOptions.Wire;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/**
 * The simulated engine's changes as one of the engines would publish them: with token ids, and with
 * hashes that mean nothing to anybody but the engine.
 */
final class FakeKvEvents implements KvEventListener {
  /** Makes it impossible to route by an engine's hashes unnoticed. */
  private static final long DISGUISE = 0x5bd1e995_9e3779b9L;

  private final BlockTokens tokens;
  private final KvSocket socket;
  private final Wire wire;
  private final boolean vllm;
  private final int blockSize;
  private final BlockingQueue<List<KvEvent>> waiting = new LinkedBlockingQueue<>();

  FakeKvEvents(BlockTokens tokens, KvSocket socket, Wire wire, boolean vllm, int blockSize) {
    this.tokens = tokens;
    this.socket = socket;
    this.wire = wire;
    this.vllm = vllm;
    this.blockSize = blockSize;
    Thread.ofPlatform().daemon().name("fake-kv-pack").start(this::run);
  }

  @Override
  public void onEvents(int rank, long firstEventId, List<KvEvent> events) {
    waiting.add(events);
  }

  private void run() {
    try {
      while (true) {
        pack(waiting.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void pack(List<KvEvent> events) throws IOException, InterruptedException {
    try (MessageBufferPacker out = MessagePack.newDefaultBufferPacker()) {
      int count = 0;
      for (KvEvent event : events) {
        count +=
            wire == Wire.ARRAY && event instanceof KvEvent.Stored s ? s.sequenceHashes().length : 1;
      }
      out.packArrayHeader(3).packDouble(1.5).packArrayHeader(count);
      for (KvEvent event : events) {
        switch (event) {
          case KvEvent.Stored stored -> stored(out, stored);
          case KvEvent.Removed removed -> removed(out, removed);
          case KvEvent.Cleared cleared -> cleared(out);
        }
      }
      out.packInt(0);
      socket.publish(out.toByteArray());
    }
  }

  private void stored(MessageBufferPacker out, KvEvent.Stored event)
      throws IOException, InterruptedException {
    int blocks = event.sequenceHashes().length;
    if (wire != Wire.ARRAY) {
      run(out, event, event.parent(), 0, blocks);
      return;
    }
    OptionalLong parent = event.parent();
    for (int i = 0; i < blocks; i++) {
      run(out, event, parent, i, i + 1);
      parent = OptionalLong.of(event.sequenceHashes()[i]);
    }
  }

  private void run(
      MessageBufferPacker out, KvEvent.Stored event, OptionalLong parent, int from, int to)
      throws IOException, InterruptedException {
    String salt = "";
    int[] ids = new int[(to - from) * blockSize];
    for (int i = from; i < to; i++) {
      BlockTokens.Content content = tokens.of(event.sequenceHashes()[i]);
      if (content == null) {
        throw new IOException("a block whose tokens nobody told");
      }
      salt = content.salt();
      System.arraycopy(content.tokens(), 0, ids, (i - from) * blockSize, blockSize);
    }
    boolean map = wire == Wire.MAP;
    if (map) {
      out.packMapHeader(vllm ? 9 : 8).packString("type");
    } else {
      out.packArrayHeader(wire == Wire.ARRAY ? 7 : vllm ? 9 : 8);
    }
    out.packString("BlockStored");
    key(out, map, "block_hashes");
    out.packArrayHeader(to - from);
    for (int i = from; i < to; i++) {
      hash(out, event.sequenceHashes()[i]);
    }
    key(out, map, "parent_block_hash");
    if (parent.isPresent()) {
      hash(out, parent.getAsLong());
    } else {
      out.packNil();
    }
    key(out, map, "token_ids");
    out.packArrayHeader(ids.length);
    for (int id : ids) {
      out.packInt(id);
    }
    key(out, map, "block_size");
    out.packInt(blockSize);
    key(out, map, "lora_id");
    out.packNil();
    key(out, map, "medium");
    out.packString(medium(event.tier()));
    if (map || wire == Wire.COALESCED) {
      namespace(out, map, salt, to - from, parent.isEmpty());
    }
  }

  private void namespace(
      MessageBufferPacker out, boolean map, String salt, int blocks, boolean first)
      throws IOException {
    if (!vllm) {
      if (map) {
        out.packString("cache_salt");
      } else {
        out.packMapHeader(1).packString("cache_salt");
      }
      text(out, salt);
      return;
    }
    key(out, map, "lora_name");
    out.packNil();
    key(out, map, "extra_keys");
    out.packArrayHeader(blocks);
    for (int i = 0; i < blocks; i++) {
      if (i == 0 && first && !salt.isEmpty()) {
        out.packArrayHeader(1).packString(salt);
      } else {
        out.packNil();
      }
    }
  }

  private static void text(MessageBufferPacker out, String value) throws IOException {
    if (value.isEmpty()) {
      out.packNil();
    } else {
      out.packString(value);
    }
  }

  private void removed(MessageBufferPacker out, KvEvent.Removed event) throws IOException {
    boolean map = wire == Wire.MAP;
    if (map) {
      out.packMapHeader(3).packString("type");
    } else {
      out.packArrayHeader(3);
    }
    out.packString("BlockRemoved");
    key(out, map, "block_hashes");
    out.packArrayHeader(event.sequenceHashes().length);
    for (long hash : event.sequenceHashes()) {
      hash(out, hash);
    }
    key(out, map, "medium");
    out.packString(medium(event.tier()));
  }

  private void cleared(MessageBufferPacker out) throws IOException {
    if (wire == Wire.MAP) {
      out.packMapHeader(1).packString("type");
    } else {
      out.packArrayHeader(1);
    }
    out.packString("AllBlocksCleared");
  }

  private static void key(MessageBufferPacker out, boolean map, String name) throws IOException {
    if (map) {
      out.packString(name);
    }
  }

  /** vLLM's are unsigned, SGLang's signed. */
  private void hash(MessageBufferPacker out, long name) throws IOException {
    long value = name ^ DISGUISE;
    if (vllm && value < 0) {
      out.packBigInteger(new java.math.BigInteger(Long.toUnsignedString(value)));
    } else {
      out.packLong(value);
    }
  }

  private String medium(KvTier tier) {
    return switch (tier) {
      case DEVICE -> "GPU";
      case HOST -> vllm ? "CPU" : "CPU_PINNED";
      case DISK -> vllm ? "STORAGE" : "DISK";
    };
  }
}
