package io.baton.bridge.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Picks the usage figures and the finish reason out of chunks and bodies that pass by. */
final class UsageReader {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final byte[] USAGE = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] META = "\"meta_info\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] E2E = "\"e2e_latency\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LENGTH = "\"length\"".getBytes(StandardCharsets.US_ASCII);

  private int promptTokens = -1;
  private int completionTokens = -1;
  private int cachedTokens = -1;
  private double queueSeconds = -1;
  private double prefillSeconds = -1;
  private double decodeSeconds = -1;
  private byte @Nullable [] handoff;
  private boolean endedByLength;

  /** Looks at one JSON object; parses it only if it can hold what is looked for. */
  void look(byte[] json) {
    if (contains(json, LENGTH)) {
      endedByLength |=
          "length".equals(tree(json).path("choices").path(0).path("finish_reason").asText());
    }
    if (contains(json, META) && (promptTokens < 0 || contains(json, E2E))) {
      meta(tree(json).path("meta_info"));
    }
    if (contains(json, USAGE)) {
      JsonNode root = tree(json);
      JsonNode usage = root.path("usage");
      promptTokens = usage.path("prompt_tokens").asInt(promptTokens);
      completionTokens = usage.path("completion_tokens").asInt(completionTokens);
      cachedTokens = usage.path("prompt_tokens_details").path("cached_tokens").asInt(cachedTokens);
      timings(root.path("metrics"));
      JsonNode parameters = root.path("kv_transfer_params");
      if (parameters.isObject()) {
        handoff = parameters.toString().getBytes(StandardCharsets.UTF_8);
      }
    }
  }

  /** SGLang's, in every chunk of {@code /generate}; complete in the last. */
  private void meta(JsonNode meta) {
    promptTokens = meta.path("prompt_tokens").asInt(promptTokens);
    completionTokens = meta.path("completion_tokens").asInt(completionTokens);
    cachedTokens = meta.path("cached_tokens").asInt(cachedTokens);
    queueSeconds = meta.path("queue_time").asDouble(queueSeconds);
    double computed = meta.path("prefill_finished_time").asDouble(0);
    if (computed > 0) {
      prefillSeconds =
          Math.max(0, computed - meta.path("forward_entry_time").asDouble(computed));
      double finished = meta.path("request_finished_ts").asDouble(0);
      decodeSeconds = finished > computed ? finished - computed : decodeSeconds;
    }
  }

  /** vLLM's, with {@code --enable-per-request-metrics}. */
  private void timings(JsonNode metrics) {
    if (!metrics.path("queue_time_ms").isNumber()) {
      return;
    }
    queueSeconds = metrics.path("queue_time_ms").asDouble() / 1e3;
    prefillSeconds =
        Math.max(0, metrics.path("time_to_first_token_ms").asDouble() / 1e3 - queueSeconds);
    decodeSeconds = metrics.path("generation_time_ms").asDouble(-1e3) / 1e3;
  }

  /** Whether a chunk holds nothing but usage. */
  static boolean onlyUsage(byte[] json) {
    if (!contains(json, USAGE)) {
      return false;
    }
    JsonNode root = tree(json);
    return root.path("usage").isObject()
        && root.path("choices").isArray()
        && root.path("choices").isEmpty();
  }

  private static JsonNode tree(byte[] json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      // Passed on as it is; the client will see what it is.
      return JSON.missingNode();
    }
  }

  private static boolean contains(byte[] text, byte[] wanted) {
    for (int i = 0; i <= text.length - wanted.length; i++) {
      int j = 0;
      while (j < wanted.length && text[i + j] == wanted[j]) {
        j++;
      }
      if (j == wanted.length) {
        return true;
      }
    }
    return false;
  }

  double queueSeconds() {
    return queueSeconds;
  }

  double prefillSeconds() {
    return prefillSeconds;
  }

  double decodeSeconds() {
    return decodeSeconds;
  }

  /** The parameters by which another engine finds this one's KV; null if there were none. */
  byte @Nullable [] handoff() {
    return handoff;
  }

  int promptTokens() {
    return promptTokens;
  }

  int completionTokens() {
    return completionTokens;
  }

  int cachedTokens() {
    return cachedTokens;
  }

  boolean endedByLength() {
    return endedByLength;
  }
}
