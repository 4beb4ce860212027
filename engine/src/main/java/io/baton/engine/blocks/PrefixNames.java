package io.baton.engine.blocks;

import io.baton.kvblocks.BlockHasher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Names the full blocks of one sequence, first to last, as its tokens come. */
public final class PrefixNames {
  private final int blockSize;
  private final BlockHasher hasher;
  private final String salt;
  private final String lora;
  private final String namespace;
  private final List<BlockName> names = new ArrayList<>();

  /**
   * Names of a sequence in a namespace.
   *
   * @param salt empty: none
   * @param lora empty: none
   */
  public PrefixNames(int blockSize, String salt, String lora) {
    this.blockSize = blockSize;
    this.hasher = new BlockHasher(blockSize, lora, salt);
    this.salt = salt;
    this.lora = lora;
    this.namespace = lora + '\0' + salt;
  }

  /** The name of a block whose tokens are all known. */
  public BlockName name(int[] tokens, int block) {
    while (names.size() <= block) {
      names.add(next(tokens));
    }
    return names.get(block);
  }

  /** A hash over all tokens of a prompt and its namespace, the last partial block included. */
  public long key(int[] tokens) {
    return new BlockHasher(tokens.length, lora, salt).localHash(tokens, 0);
  }

  private BlockName next(int[] tokens) {
    int depth = names.size();
    int from = depth * blockSize;
    long local = hasher.localHash(tokens, from);
    long parent = depth == 0 ? 0 : names.get(depth - 1).sequenceHash();
    long sequence = depth == 0 ? local : BlockHasher.chain(parent, local);
    int[] own = Arrays.copyOfRange(tokens, from, from + blockSize);
    return new BlockName(sequence, local, parent, depth, own, namespace);
  }
}
