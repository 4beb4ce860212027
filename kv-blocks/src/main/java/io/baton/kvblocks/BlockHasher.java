package io.baton.kvblocks;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Names blocks of tokens by XXH3-64.
 *
 * <p>The <em>local hash</em> covers one block's tokens, each as four bytes, little-endian. The
 * <em>sequence hash</em> covers the whole prefix up to a block: for the first block it is the local
 * hash; after that, the hash of sixteen bytes, parent sequence hash and local hash, both
 * little-endian. LoRA name and cache salt change the seed of the local hashes, so that equal tokens
 * of two tenants never share a block; the chain always uses {@link #SEED}. Tokens after the last
 * full block have no name, because engines reuse full blocks only.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class BlockHasher {
  /** Seed of the chain, and of local hashes without LoRA name and salt. */
  public static final long SEED = 1337;

  private static final Hasher64 PLAIN = Hashing.xxh3_64(SEED);
  private static final ShortXxh3 SHORT_PLAIN = new ShortXxh3(SEED);
  private static final Hasher64 LORA_NAME = Hashing.xxh3_64(0);
  private static final Hasher64 CACHE_SALT = Hashing.xxh3_64(1);

  private final int blockSize;
  private final Hasher64 blocks;
  private final ShortXxh3 shortBlocks;
  private final boolean isShort;

  /**
   * A hasher for prompts without LoRA name and salt.
   *
   * @param blockSize tokens per block, at least 1
   */
  public BlockHasher(int blockSize) {
    this(blockSize, "", "");
  }

  /**
   * A hasher for one namespace of the prefix cache.
   *
   * @param blockSize tokens per block, at least 1
   * @param lora name of the LoRA adapter; empty for none
   * @param cacheSalt the tenant's salt; empty for none
   */
  public BlockHasher(int blockSize, String lora, String cacheSalt) {
    if (blockSize < 1) {
      throw new IllegalArgumentException("blockSize: " + blockSize + " (expected: >= 1)");
    }
    this.blockSize = blockSize;
    long seed = seed(lora, cacheSalt);
    this.blocks = seed == SEED ? PLAIN : Hashing.xxh3_64(seed);
    this.shortBlocks = seed == SEED ? SHORT_PLAIN : new ShortXxh3(seed);
    this.isShort = blockSize >= ShortXxh3.LEAST_TOKENS && blockSize <= ShortXxh3.MOST_TOKENS;
  }

  /** Seed of local hashes in the namespace of a LoRA adapter and a salt; empty means none. */
  public static long seed(String lora, String cacheSalt) {
    long seed = SEED;
    if (!lora.isEmpty()) {
      seed += LORA_NAME.hashBytesToLong(lora.getBytes(StandardCharsets.UTF_8));
    }
    if (!cacheSalt.isEmpty()) {
      seed += CACHE_SALT.hashBytesToLong(cacheSalt.getBytes(StandardCharsets.UTF_8));
    }
    return seed;
  }

  /** Sequence hash of the block that follows {@code parentSequence} and has this local hash. */
  public static long chain(long parentSequence, long local) {
    return SHORT_PLAIN.ofTwoLongs(parentSequence, local);
  }

  /** Sequence hashes of a whole prompt from the local hashes of its blocks. */
  public static long[] sequenceHashes(long[] local) {
    long[] sequence = new long[local.length];
    chain(local, sequence, 0);
    return sequence;
  }

  /** Sequence hashes of the blocks from {@code from} on, when those before are known. */
  private static void chain(long[] local, long[] sequence, int from) {
    int next = from;
    if (next == 0 && local.length > 0) {
      sequence[0] = local[0];
      next = 1;
    }
    long parent = next == 0 ? 0 : sequence[next - 1];
    for (; next < local.length; next++) {
      parent = chain(parent, local[next]);
      sequence[next] = parent;
    }
  }

  /** Tokens per block. */
  public int blockSize() {
    return blockSize;
  }

  /** Local and sequence hashes of a prompt's full blocks. */
  public BlockHashes hash(int[] tokens) {
    long[] local = localHashes(tokens);
    return new BlockHashes(blockSize, tokens.length, local, sequenceHashes(local));
  }

  /** Local hashes of a prompt's full blocks. */
  public long[] localHashes(int[] tokens) {
    long[] local = new long[tokens.length / blockSize];
    localHashes(tokens, local, 0);
    return local;
  }

  private void localHashes(int[] tokens, long[] into, int from) {
    if (!isShort) {
      for (int i = from; i < into.length; i++) {
        into[i] = localHash(tokens, i * blockSize);
      }
      return;
    }
    if (blockSize == ShortXxh3.USUAL_TOKENS) {
      shortBlocks.ofUsual(tokens, into, from);
      return;
    }
    for (int i = from; i < into.length; i++) {
      into[i] = shortBlocks.of(tokens, i * blockSize, blockSize);
    }
  }

  /**
   * Local and sequence hashes of a prompt whose first blocks are those of another one: only the
   * others are hashed.
   *
   * @param known hashes of the other prompt, of this hasher
   * @param sameBlocks how many leading blocks both have in common
   */
  public BlockHashes extend(BlockHashes known, int sameBlocks, int[] tokens) {
    int blocks = tokens.length / blockSize;
    long[] local = Arrays.copyOf(known.local(), blocks);
    long[] sequence = Arrays.copyOf(known.sequence(), blocks);
    localHashes(tokens, local, sameBlocks);
    chain(local, sequence, sameBlocks);
    return new BlockHashes(blockSize, tokens.length, local, sequence);
  }

  /**
   * Local hash of the block that begins at {@code tokens[offset]}.
   *
   * @throws IndexOutOfBoundsException if no whole block lies there
   */
  public long localHash(int[] tokens, int offset) {
    if (offset < 0 || tokens.length - offset < blockSize) {
      throw new IndexOutOfBoundsException(
          "offset: "
              + offset
              + " (expected: 0 to "
              + (tokens.length - blockSize)
              + ", so that a block of "
              + blockSize
              + " tokens lies in "
              + tokens.length
              + ")");
    }
    if (isShort) {
      return shortBlocks.of(tokens, offset, blockSize);
    }
    return blocks.hashBytesToLong(
        tokens, (long) offset * Integer.BYTES, (long) blockSize * Integer.BYTES, TokenBytes.ACCESS);
  }

  /**
   * Local hash of a block that touches images or other media: their hashes, in ascending order, are
   * hashed after the tokens.
   *
   * @param mediaHashes of the media whose placeholder tokens lie in this block; in any order, kept
   *     unchanged
   * @throws IndexOutOfBoundsException if no whole block lies at {@code offset}
   */
  public long localHash(int[] tokens, int offset, long[] mediaHashes) {
    if (mediaHashes.length == 0) {
      return localHash(tokens, offset);
    }
    int[] words = new int[blockSize + 2 * mediaHashes.length];
    System.arraycopy(tokens, offset, words, 0, blockSize);
    long[] sorted = mediaHashes.clone();
    sortUnsigned(sorted);
    for (int i = 0; i < sorted.length; i++) {
      words[blockSize + 2 * i] = (int) sorted[i];
      words[blockSize + 2 * i + 1] = (int) (sorted[i] >>> Integer.SIZE);
    }
    return blocks.hashBytesToLong(words, 0, (long) words.length * Integer.BYTES, TokenBytes.ACCESS);
  }

  private static void sortUnsigned(long[] values) {
    flipSigns(values);
    Arrays.sort(values);
    flipSigns(values);
  }

  private static void flipSigns(long[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] ^= Long.MIN_VALUE;
    }
  }
}
