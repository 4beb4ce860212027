package io.baton.engine.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.engine.sampling.TokenChooser;
import java.util.HashSet;
import java.util.Set;

/** One case of a reference file and its comparison. */
final class ReferenceCase {
  private final JsonNode node;
  private final Set<Integer> endTokens = new HashSet<>();

  /**
   * A case.
   *
   * @param reference the whole file, which says at which tokens its greedy runs end
   */
  ReferenceCase(JsonNode reference, JsonNode node) {
    this.node = node;
    if (reference.path("stop_at_eos").asBoolean(true)) {
      reference.path("eos_token_id").forEach(id -> endTokens.add(id.asInt()));
    }
  }

  CaseResult run(SingleSequence sequence) {
    int[] prompt = ints(node.path("input_ids"));
    sequence.compute(prompt);
    float[] last = sequence.logits(prompt.length - 1);
    double logitError = logitError(last);
    double logprobError = logprobError(sequence, prompt);
    boolean greedy = greedyAgrees(sequence, prompt.length - 1);
    return new CaseResult(node.path("name").asText(), greedy, logitError, logprobError);
  }

  private double logitError(float[] logits) {
    double worst = 0;
    JsonNode all = node.path("last_logits");
    for (int i = 0; i < all.size(); i++) {
      worst = Math.max(worst, Math.abs(logits[i] - all.get(i).asDouble()));
    }
    for (JsonNode pair : node.path("last_logits_top")) {
      double error = Math.abs(logits[pair.get(0).asInt()] - pair.get(1).asDouble());
      worst = Math.max(worst, error);
    }
    return worst;
  }

  private double logprobError(SingleSequence sequence, int[] prompt) {
    double worst = 0;
    JsonNode logprobs = node.path("prompt_logprobs");
    for (int i = 1; i < logprobs.size(); i++) {
      float[] logits = sequence.logits(i - 1);
      double own = logits[prompt[i]] - TokenChooser.logSumExp(logits, logits.length);
      worst = Math.max(worst, Math.abs(own - logprobs.get(i).asDouble()));
    }
    return worst;
  }

  private boolean greedyAgrees(SingleSequence sequence, int lastIndex) {
    int[] expected = ints(node.path("greedy_ids"));
    int token = sequence.argmax(lastIndex);
    for (int i = 0; i < expected.length; i++) {
      if (token != expected[i]) {
        return false;
      }
      if (i + 1 < expected.length) {
        if (endTokens.contains(token)) {
          return false;
        }
        sequence.compute(new int[] {token});
        token = sequence.argmax(0);
      }
    }
    return expected.length > 0;
  }

  private static int[] ints(JsonNode array) {
    var values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }
}
