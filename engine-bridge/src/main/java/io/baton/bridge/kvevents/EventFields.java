package io.baton.bridge.kvevents;

import io.baton.bridge.kvevents.KvFrameException.Reason;
import io.baton.kvblocks.KvTier;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Members of one event while it is read, in whatever order they come. */
final class EventFields {
  private static final int NOT_SAID = -1;

  long @Nullable [] hashes;
  int @Nullable [] tokens;
  int blockSize = NOT_SAID;
  String medium = "";
  String loraId = "";
  String loraName = "";
  @Nullable List<@Nullable List<String>> extraKeys;
  private String salt = "";
  private boolean hasParent;
  private long parent;
  private int group = NOT_SAID;
  private boolean groupRead;
  private boolean remote;
  private boolean fullAttention = true;

  void parent(EventReader in) throws IOException, KvFrameException {
    if (!in.nil()) {
      hasParent = true;
      parent = in.hash();
    }
  }

  /** The group comes before a window's size. */
  void firstIntegerIsGroup(int value) {
    if (!groupRead) {
      groupRead = true;
      group = value;
    }
  }

  /** A word at the end of an array: where the blocks are, or what kind of cache they belong to. */
  void place(String word) {
    if (word.equals("REMOTE")) {
      remote = true;
    } else if (!word.equals("LOCAL")) {
      fullAttention &= isFull(word);
    }
  }

  /** Blocks of other kinds of cache are there for a while only, or for the last tokens only. */
  private static boolean isFull(String kind) {
    return switch (kind) {
      case "sliding_window",
          "sliding_window_mla",
          "mamba",
          "chunked_local_attention",
          "encoder_only_attention",
          "cross_attention" ->
          false;
      default -> true;
    };
  }

  /** A member of a map. Those that we do not know are skipped. */
  void named(String name, EventReader in) throws IOException, KvFrameException {
    switch (name) {
      case "block_hashes" -> hashes = in.hashes();
      case "parent_block_hash" -> parent(in);
      case "token_ids" -> tokens = in.tokens();
      case "block_size" -> blockSize = in.integer();
      case "lora_id" -> loraId = in.scalarText();
      case "lora_name" -> loraName = in.optionalText();
      case "medium" -> medium = in.optionalText();
      case "cache_salt" -> salt = in.optionalText();
      case "extra_keys" -> extraKeys = in.extraKeys();
      case "group_idx" -> {
        if (!in.nil()) {
          firstIntegerIsGroup(in.integer());
        }
      }
      case "kv_cache_spec_kind" -> fullAttention = isFull(in.optionalText());
      case "locality" -> remote = in.optionalText().equals("REMOTE");
      default -> in.skip();
    }
  }

  /**
   * The event; null if it is of a kind, medium or place that is of no concern here.
   *
   * @throws KvFrameException if it lacks a member that it must have
   */
  @Nullable EngineEvent event(String kind) throws KvFrameException {
    if (!KvEventDecoder.isKnown(kind)) {
      return null;
    }
    KvTier tier = tier(medium);
    if (KvEventDecoder.isStored(kind)) {
      return tier == null || remote ? null : stored(tier);
    }
    if (KvEventDecoder.isRemoved(kind)) {
      return tier == null || remote
          ? null
          : new EngineEvent.Removed(required(hashes, "block_hashes"), tier, group);
    }
    return new EngineEvent.Cleared();
  }

  private EngineEvent stored(KvTier tier) throws KvFrameException {
    long[] names = required(hashes, "block_hashes");
    int[] ids = tokens;
    if (ids == null || blockSize < 1) {
      throw new KvFrameException(Reason.BAD_EVENT, "no tokens or no block size");
    }
    int full = ids.length / blockSize;
    if (names.length != full && names.length != full + 1) {
      throw new KvFrameException(
          Reason.BAD_EVENT,
          "%d tokens for %d blocks of %d".formatted(ids.length, names.length, blockSize));
    }
    String lora = loraName.isEmpty() && !loraId.isEmpty() ? "#" + loraId : loraName;
    long[] extras = extras(names.length, lora);
    return new EngineEvent.Stored(
        // A last block that is not full yet has no name in Baton.
        names.length == full ? names : Arrays.copyOf(names, full),
        hasParent,
        parent,
        ids,
        blockSize,
        lora,
        salt,
        extras,
        tier,
        group,
        fullAttention);
  }

  /**
   * What is left of the extra keys once adapter and salt are known: images and the like. The salt
   * is the last text among the first block's keys.
   */
  private long[] extras(int blocks, String lora) {
    long[] extras = new long[blocks];
    List<@Nullable List<String>> keys = extraKeys;
    for (int i = 0; keys != null && i < Math.min(blocks, keys.size()); i++) {
      List<String> block = keys.get(i);
      if (block == null) {
        continue;
      }
      int from = !lora.isEmpty() && !block.isEmpty() && block.getFirst().equals(lora) ? 1 : 0;
      int to = block.size();
      if (i == 0 && !hasParent && to > from && salt.isEmpty()) {
        String last = block.getLast();
        if (!last.startsWith("[")) {
          salt = last;
          to--;
        }
      }
      if (to > from) {
        extras[i] = EventReader.digest(String.join("\u0000", block.subList(from, to))) | 1;
      }
    }
    return extras;
  }

  private static long[] required(long @Nullable [] value, String name) throws KvFrameException {
    if (value == null) {
      throw new KvFrameException(Reason.BAD_EVENT, "no " + name);
    }
    return value;
  }

  private static @Nullable KvTier tier(String medium) {
    return switch (medium) {
      case "", "GPU" -> KvTier.DEVICE;
      case "CPU", "CPU_PINNED", "CPU_TIER1", "CPU_TIER2" -> KvTier.HOST;
      case "DISK", "STORAGE", "EXTERNAL" -> KvTier.DISK;
      default -> null;
    };
  }
}
