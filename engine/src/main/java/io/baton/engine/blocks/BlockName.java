package io.baton.engine.blocks;

import java.util.Arrays;

/**
 * What a cached block is.
 *
 * @param sequenceHash names the whole prefix up to the end of this block
 * @param localHash names this block's tokens
 * @param parentHash sequence hash of the block before; 0 for the first
 * @param depth blocks before it
 * @param tokens the block's own tokens, which decide where hashes collide
 * @param namespace salt and LoRA name: equal tokens in two namespaces share nothing
 */
public record BlockName(
    long sequenceHash, long localHash, long parentHash, int depth, int[] tokens, String namespace) {

  /** Whether both name the same prefix, as far as one block can tell. */
  boolean sameAs(BlockName other) {
    return sequenceHash == other.sequenceHash
        && parentHash == other.parentHash
        && depth == other.depth
        && namespace.equals(other.namespace)
        && Arrays.equals(tokens, other.tokens);
  }
}
