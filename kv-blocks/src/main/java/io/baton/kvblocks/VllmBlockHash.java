package io.baton.kvblocks;

import com.dynatrace.hash4j.hashing.Hashing;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * vLLM's own names of blocks under its two reproducible algorithms, for parity checks against a
 * running engine. Baton routes by {@link BlockHasher}; the engine's default algorithms serialise
 * with pickle and cannot be reproduced outside Python.
 *
 * <p>A block's digest is a hash over canonical CBOR of an array of three: the previous block's
 * digest as bytes, the block's tokens, and extra keys (here the cache salt, on the first block
 * only) or null. The first block's parent is a digest of the engine's {@code PYTHONHASHSEED}.
 */
public final class VllmBlockHash {
  /**
   * How CBOR bytes become a digest; named as in the engine's {@code --prefix-caching-hash-algo}.
   */
  public enum Algorithm {
    /** SHA-256: digests of 32 bytes. */
    SHA256_CBOR,
    /** XXH3-128: digests of 16 bytes. */
    XXHASH_CBOR
  }

  private final Algorithm algorithm;
  private final int blockSize;
  private final byte[] root;

  /**
   * The naming of one engine.
   *
   * @param blockSize tokens per block, at least 1
   * @param pythonHashSeed the engine's {@code PYTHONHASHSEED}; an engine started without one draws
   *     its root at random
   */
  public VllmBlockHash(Algorithm algorithm, int blockSize, String pythonHashSeed) {
    if (blockSize < 1) {
      throw new IllegalArgumentException("blockSize: " + blockSize + " (expected: >= 1)");
    }
    this.algorithm = algorithm;
    this.blockSize = blockSize;
    this.root = digest(new Cbor().text(pythonHashSeed));
  }

  /** Digest that stands for the parent of every first block. */
  public byte[] root() {
    return root.clone();
  }

  /**
   * Digests of a prompt's full blocks.
   *
   * @param cacheSalt the request's salt; empty for none
   */
  public List<byte[]> digests(int[] tokens, String cacheSalt) {
    List<byte[]> digests = new ArrayList<>();
    byte[] parent = root;
    for (int from = 0; from + blockSize <= tokens.length; from += blockSize) {
      Cbor block = new Cbor().array(3).bytes(parent).array(blockSize);
      for (int i = from; i < from + blockSize; i++) {
        block.unsigned(tokens[i]);
      }
      if (from == 0 && !cacheSalt.isEmpty()) {
        block.array(1).text(cacheSalt);
      } else {
        block.nothing();
      }
      parent = digest(block);
      digests.add(parent);
    }
    return digests;
  }

  /** The unsigned 64-bit integer that stands for a digest in KV events: its last eight bytes. */
  public static long wireValue(byte[] digest) {
    return ByteBuffer.wrap(digest).getLong(digest.length - Long.BYTES);
  }

  private byte[] digest(Cbor cbor) {
    byte[] bytes = cbor.toBytes();
    return switch (algorithm) {
      case SHA256_CBOR -> SglangBlockHash.sha256().digest(bytes);
      case XXHASH_CBOR -> xxh3of128Bits(bytes);
    };
  }

  private static byte[] xxh3of128Bits(byte[] bytes) {
    var hash = Hashing.xxh3_128().hashBytesTo128Bits(bytes);
    return ByteBuffer.allocate(2 * Long.BYTES)
        .putLong(hash.getMostSignificantBits())
        .putLong(hash.getLeastSignificantBits())
        .array();
  }

  /** The little of canonical CBOR (RFC 8949, shortest heads) that block hashing needs. */
  private static final class Cbor {
    private static final int UNSIGNED = 0 << 5;
    private static final int BYTES = 2 << 5;
    private static final int TEXT = 3 << 5;
    private static final int ARRAY = 4 << 5;
    private static final int NULL = 0xf6;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Cbor unsigned(int value) {
      return head(UNSIGNED, Integer.toUnsignedLong(value));
    }

    Cbor bytes(byte[] value) {
      head(BYTES, value.length);
      out.writeBytes(value);
      return this;
    }

    Cbor text(String value) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      head(TEXT, utf8.length);
      out.writeBytes(utf8);
      return this;
    }

    Cbor array(int size) {
      return head(ARRAY, size);
    }

    Cbor nothing() {
      out.write(NULL);
      return this;
    }

    byte[] toBytes() {
      return out.toByteArray();
    }

    /** Major type and argument: inline below 24, else in the fewest of 1, 2 or 4 bytes. */
    private Cbor head(int major, long argument) {
      if (argument < 24) {
        out.write(major | (int) argument);
      } else if (argument < 1 << 8) {
        out.write(major | 24);
        writeBigEndian(argument, 1);
      } else if (argument < 1 << 16) {
        out.write(major | 25);
        writeBigEndian(argument, 2);
      } else {
        out.write(major | 26);
        writeBigEndian(argument, 4);
      }
      return this;
    }

    private void writeBigEndian(long value, int size) {
      for (int shift = (size - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
        out.write((int) (value >>> shift));
      }
    }
  }
}
