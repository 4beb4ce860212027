package io.baton.gateway.usage;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.proto.v1.Usage;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One request as it ended.
 *
 * @param spanId of its span {@code http-request}
 * @param key name of the client's key; empty: none was asked for
 * @param operation {@code chat}, {@code completions}, ...
 * @param model as the client called it; cut if it is very long
 * @param status HTTP's; 499: the client left
 * @param error short word for what went wrong, also after a status of 200; empty: nothing
 * @param usage tokens, as far as the request came
 * @param startNanos unix nanoseconds
 * @param routedNanos when it had its turn; 0: never
 * @param firstTokenNanos unix nanoseconds; 0: there was none
 * @param workers of the last attempt: prefill and decode, or one
 */
public record AccessRecord(
    String requestId,
    String traceId,
    String spanId,
    String key,
    String operation,
    String model,
    int status,
    String error,
    Usage usage,
    long startNanos,
    long routedNanos,
    long firstTokenNanos,
    long endNanos,
    int attempts,
    List<String> workers) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_MODEL_CHARS = 256;

  /** One JSON object without a line break. */
  String json() {
    ObjectNode line =
        JSON.createObjectNode()
            .put("time", time().toString())
            .put("request_id", requestId)
            .put("trace_id", traceId)
            .put("key", key)
            .put("operation", operation)
            .put("model", model.substring(0, Math.min(model.length(), MAX_MODEL_CHARS)))
            .put("status", status);
    if (!error.isEmpty()) {
      line.put("error", error);
    }
    line.put("prompt_tokens", usage.getPromptTokens())
        .put("cached_tokens", usage.getCachedTokens())
        .put("completion_tokens", usage.getCompletionTokens());
    put(line, "wait_seconds", routedNanos);
    put(line, "ttft_seconds", firstTokenNanos);
    line.put("duration_seconds", (endNanos - startNanos) / 1e9).put("attempts", attempts);
    var list = line.putArray("workers");
    workers.forEach(list::add);
    return line.toString();
  }

  private void put(ObjectNode line, String name, long nanos) {
    if (nanos != 0) {
      line.put(name, (nanos - startNanos) / 1e9);
    }
  }

  private Instant time() {
    return Instant.ofEpochSecond(
        TimeUnit.NANOSECONDS.toSeconds(startNanos), startNanos % TimeUnit.SECONDS.toNanos(1));
  }
}
