package io.baton.kvblocks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SGLang's own names of cache pages, as its KV events carry them, for parity checks against a
 * running engine. Baton routes by {@link BlockHasher}.
 *
 * <p>A page's digest is SHA-256 over the previous page's digest (nothing for the first) and the
 * page's tokens, each as four bytes, little-endian. The name is the digest's first eight bytes as a
 * signed, big-endian integer; the chain needs the whole digest, so it cannot be continued from a
 * name. Neither salt nor LoRA name goes in.
 */
public final class SglangBlockHash {
  private SglangBlockHash() {}

  /**
   * Names of a prompt's pages, the partial last one included.
   *
   * @param pageSize tokens per page, at least 1
   */
  public static long[] pages(int[] tokens, int pageSize) {
    long[] names = new long[pageCount(tokens.length, pageSize)];
    Chain chain = new Chain(pageSize);
    for (int i = 0; i < names.length; i++) {
      int from = i * pageSize;
      int to = Math.min(from + pageSize, tokens.length);
      for (int j = from; j < to; j++) {
        chain.add(tokens[j]);
      }
      names[i] = chain.endPage();
    }
    return names;
  }

  /**
   * Names of a prompt's pages when the engine drafts with EAGLE: entries are overlapping pairs of
   * tokens, one fewer than there are tokens, and both tokens of each pair go in.
   *
   * @param pageSize pairs per page, at least 1
   */
  public static long[] bigramPages(int[] tokens, int pageSize) {
    int pairs = Math.max(0, tokens.length - 1);
    long[] names = new long[pageCount(pairs, pageSize)];
    Chain chain = new Chain(2 * pageSize);
    for (int i = 0; i < names.length; i++) {
      int from = i * pageSize;
      int to = Math.min(from + pageSize, pairs);
      for (int j = from; j < to; j++) {
        chain.add(tokens[j]);
        chain.add(tokens[j + 1]);
      }
      names[i] = chain.endPage();
    }
    return names;
  }

  private static int pageCount(int entries, int pageSize) {
    if (pageSize < 1) {
      throw new IllegalArgumentException("pageSize: " + pageSize + " (expected: >= 1)");
    }
    return Math.ceilDiv(entries, pageSize);
  }

  private static final class Chain {
    private final MessageDigest sha256;
    private final ByteBuffer page;

    Chain(int tokensPerPage) {
      sha256 = sha256();
      page = ByteBuffer.allocate(tokensPerPage * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    void add(int token) {
      page.putInt(token);
    }

    long endPage() {
      sha256.update(page.flip());
      page.clear();
      byte[] digest = sha256.digest();
      sha256.update(digest);
      return ByteBuffer.wrap(digest).getLong();
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
