package io.baton.bridge.kvevents;

import io.baton.kvblocks.KvTier;

/**
 * One change of an engine's cache in the engine's own names. Hashes are identities: integers as
 * they are, bytes and text as a 64-bit digest of theirs.
 */
sealed interface EngineEvent {
  /**
   * A run of blocks, each the child of the one before.
   *
   * @param parent the block before the first; meaningless unless {@code hasParent}
   * @param tokens of all blocks; of overlapping pairs only the first ones
   * @param lora name of the adapter; empty for none
   * @param salt the request's cache salt; empty for none
   * @param extras per block a digest of what else its KV depends on, such as images; 0: nothing
   * @param group cache group of a hybrid model; -1: not said
   * @param fullAttention whether the group can be reused at any depth
   */
  record Stored(
      long[] hashes,
      boolean hasParent,
      long parent,
      int[] tokens,
      int blockSize,
      String lora,
      String salt,
      long[] extras,
      KvTier tier,
      int group,
      boolean fullAttention)
      implements EngineEvent {}

  /** Blocks that a tier lost. */
  record Removed(long[] hashes, KvTier tier, int group) implements EngineEvent {}

  /** Everything is gone. */
  record Cleared() implements EngineEvent {}
}
