package io.baton.kvrouter;

import io.baton.kvblocks.BlockHasher;
import io.baton.kvblocks.BlockHashes;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Hashes of each session's last prompt, so that a conversation that grows hashes its new blocks
 * only. Bounded by tokens; the sessions used last stay. Safe for use by many threads.
 */
final class ChainMemory {
  private static final long MOST_TOKENS = 1 << 24;

  private record Chain(int[] tokens, BlockHashes hashes) {}

  private final Map<String, Chain> chains = new LinkedHashMap<>(16, 0.75f, true);
  private long tokens;

  /** The hashes of a prompt that shares blocks with its session's last one; empty otherwise. */
  Optional<BlockHashes> extend(BlockHasher hasher, RouteRequest request) {
    if (request.session().isEmpty()) {
      return Optional.empty();
    }
    Chain known;
    synchronized (this) {
      known = chains.get(key(request));
    }
    if (known == null || known.hashes.blockSize() != hasher.blockSize()) {
      return Optional.empty();
    }
    int same = Arrays.mismatch(known.tokens, request.tokens());
    int sameTokens = same < 0 ? request.tokens().length : same;
    int sameBlocks = Math.min(sameTokens / hasher.blockSize(), known.hashes.blockCount());
    if (sameBlocks == 0) {
      return Optional.empty();
    }
    BlockHashes hashes = hasher.extend(known.hashes, sameBlocks, request.tokens());
    remember(request, hashes);
    return Optional.of(hashes);
  }

  synchronized void remember(RouteRequest request, BlockHashes hashes) {
    if (request.session().isEmpty() || request.tokens().length > MOST_TOKENS) {
      return;
    }
    Chain before = chains.put(key(request), new Chain(request.tokens(), hashes));
    tokens += request.tokens().length - (before == null ? 0 : before.tokens.length);
    var eldest = chains.values().iterator();
    while (tokens > MOST_TOKENS) {
      tokens -= eldest.next().tokens.length;
      eldest.remove();
    }
  }

  /** Equal tokens of two tenants have different hashes. */
  private static String key(RouteRequest request) {
    return request.session() + '\n' + request.lora() + '\n' + request.cacheSalt();
  }
}
