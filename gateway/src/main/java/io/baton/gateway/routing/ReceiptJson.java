package io.baton.gateway.routing;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.kvblocks.BlockHashes;
import io.baton.kvrouter.Candidate;
import io.baton.kvrouter.CostTerms;
import io.baton.kvrouter.Overlap;
import io.baton.kvrouter.RouteReceipt;
import java.util.Locale;

/** Route receipts as JSON: for a response header, for {@code explain}, for the file. */
public final class ReceiptJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Proxies allow 8 KiB of headers or less. */
  private static final int HEADER_CANDIDATES = 4;

  private ReceiptJson() {}

  /** All of a receipt but the prompt's hashes. */
  public static ObjectNode whole(RouteReceipt receipt) {
    return of(receipt, Integer.MAX_VALUE);
  }

  /** With fewer candidates, for a header. */
  public static ObjectNode brief(RouteReceipt receipt) {
    return of(receipt, HEADER_CANDIDATES);
  }

  /**
   * A line of the file of receipts. Prefill and aggregated legs have the members of Mooncake's
   * traces too, so that {@code baton route replay} and {@code diff} read the file as it is.
   *
   * @param unixNanos when it was decided
   */
  static ObjectNode line(RouteReceipt receipt, MeasuredLeg measured, long unixNanos, String trace) {
    ObjectNode line = whole(receipt);
    line.put("trace_id", trace);
    line.put("timestamp", unixNanos / 1_000_000);
    if (receipt.hashes().isPresent()) {
      BlockHashes hashes = receipt.hashes().get();
      line.put("input_length", hashes.tokenCount()).put("output_length", measured.outputTokens());
      ArrayNode ids = line.putArray("hash_ids");
      for (long hash : hashes.sequence()) {
        ids.add(hash);
      }
    }
    ObjectNode after = line.putObject("measured").put("outcome", measured.outcome());
    if (measured.firstTokenMillis() >= 0) {
      after.put("first_token_ms", measured.firstTokenMillis());
    }
    if (measured.cachedTokens() >= 0) {
      after.put("cached_tokens", measured.cachedTokens());
    }
    measured.regretMillis(receipt).ifPresent(regret -> after.put("regret_ms", regret));
    return line;
  }

  private static ObjectNode of(RouteReceipt receipt, int mostCandidates) {
    ObjectNode json = JSON.objectNode();
    json.put("request_id", receipt.requestId())
        .put("phase", word(receipt.phase()))
        .put("policy", word(receipt.policy()))
        .put("worker", receipt.chosen().workerId())
        .put("rank", receipt.chosen().rank())
        .put("reason", receipt.reason());
    receipt
        .hashes()
        .ifPresent(hashes ->
            json.put("prompt_tokens", hashes.tokenCount()).put("block_size", hashes.blockSize()));
    json.set("overlap", overlap(receipt.overlap()));
    json.put("overlap_tokens", receipt.overlapTokens());
    json.put("candidate_count", receipt.candidateCount());
    ArrayNode candidates = json.putArray("candidates");
    receipt.candidates().stream()
        .limit(mostCandidates)
        .forEach(candidate -> candidates.add(candidate(candidate)));
    return json;
  }

  private static ObjectNode candidate(Candidate candidate) {
    ObjectNode json =
        JSON.objectNode()
            .put("worker", candidate.worker().workerId())
            .put("rank", candidate.worker().rank())
            .put("cache", word(candidate.cacheView()));
    candidate.excluded().ifPresent(why -> json.put("excluded", word(why)));
    json.set("overlap", overlap(candidate.overlap()));
    json.put("active_requests", candidate.activeRequests())
        .put("queued_prefill_tokens", candidate.queuedPrefillTokens())
        .put("decode_tokens", candidate.decodeTokens());
    candidate.cost().ifPresent(cost -> json.set("cost_ms", cost(cost)));
    return json;
  }

  private static ObjectNode cost(CostTerms cost) {
    return JSON.objectNode()
        .put("total", cost.total())
        .put("queue", cost.queue())
        .put("prefill", cost.prefill())
        .put("transfer", cost.transfer())
        .put("interference", cost.interference())
        .put("cache_loss", cost.cacheLoss())
        .put("decode", cost.decode())
        .put("session", cost.session());
  }

  private static ObjectNode overlap(Overlap overlap) {
    return JSON.objectNode()
        .put("device", overlap.device())
        .put("host", overlap.host())
        .put("disk", overlap.disk())
        .put("predicted", overlap.predicted());
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
