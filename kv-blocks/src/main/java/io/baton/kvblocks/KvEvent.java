package io.baton.kvblocks;

import java.util.OptionalLong;

/**
 * One change of what a worker's prefix cache holds, in the order in which the changes happened.
 * Arrays are owned by the event and must not be changed.
 */
public sealed interface KvEvent {

  /**
   * A run of blocks can be reused from now on; each is the child of the one before.
   *
   * @param parent sequence hash of the block before the first one; empty at the start of a sequence
   * @param sequenceHashes one per block, first to last
   * @param localHashes one per block, same order
   * @param tier where the KV lies
   */
  record Stored(OptionalLong parent, long[] sequenceHashes, long[] localHashes, KvTier tier)
      implements KvEvent {}

  /**
   * Blocks cannot be reused any more.
   *
   * @param sequenceHashes of the blocks, in the order in which they went (tails before their
   *     parents)
   * @param tier the tier that lost them
   */
  record Removed(long[] sequenceHashes, KvTier tier) implements KvEvent {}

  /** The whole cache is empty. */
  record Cleared() implements KvEvent {}
}
