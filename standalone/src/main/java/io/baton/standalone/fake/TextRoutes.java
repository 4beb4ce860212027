package io.baton.standalone.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.prompt.PromptFormat;
import io.baton.standalone.fake.FakeRequest.BadRequestException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Embeddings, rerank and score, in the shapes of vLLM's answers. A text's vector counts its tokens
 * by their remainder, so equal texts are equal and texts with common words are near.
 */
final class TextRoutes {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DIMENSIONS = 32;

  private final PromptFormat format;
  private final String model;

  TextRoutes(PromptFormat format, String model) {
    this.format = format;
    this.model = model;
  }

  JsonNode embeddings(JsonNode body) throws BadRequestException {
    ObjectNode root = head("embd-", "list");
    var data = root.putArray("data");
    int tokens = 0;
    for (String text : texts(body, "input")) {
      var entry = data.addObject().put("index", data.size() - 1).put("object", "embedding");
      for (double value : vector(text)) {
        entry.withArray("embedding").add(value);
      }
      tokens += format.encodeRaw(text).length;
    }
    usage(root, tokens);
    return root;
  }

  JsonNode rerank(JsonNode body) throws BadRequestException {
    String query = texts(body, "query").getFirst();
    List<String> documents = texts(body, "documents");
    ObjectNode root = head("rerank-", "");
    root.remove("object");
    var results = new ArrayList<ObjectNode>();
    for (int i = 0; i < documents.size(); i++) {
      ObjectNode result = JSON.createObjectNode().put("index", i);
      result.putObject("document").put("text", documents.get(i));
      results.add(result.put("relevance_score", nearness(query, documents.get(i))));
    }
    results.sort(
        Comparator.comparingDouble((ObjectNode r) -> -r.path("relevance_score").asDouble()));
    root.putArray("results").addAll(results);
    usage(root, format.encodeRaw(query).length);
    return root;
  }

  JsonNode score(JsonNode body) throws BadRequestException {
    String first = texts(body, "text_1").getFirst();
    ObjectNode root = head("score-", "list");
    var data = root.putArray("data");
    for (String text : texts(body, "text_2")) {
      data.addObject()
          .put("index", data.size() - 1)
          .put("object", "score")
          .put("score", nearness(first, text));
    }
    usage(root, format.encodeRaw(first).length);
    return root;
  }

  private ObjectNode head(String idPrefix, String object) {
    return JSON.createObjectNode()
        .put("id", idPrefix + FakeServer.randomId())
        .put("object", object)
        .put("created", 1_800_000_000)
        .put("model", model);
  }

  private static void usage(ObjectNode root, int tokens) {
    root.putObject("usage")
        .put("prompt_tokens", tokens)
        .put("total_tokens", tokens)
        .put("completion_tokens", 0)
        .putNull("prompt_tokens_details");
  }

  private static List<String> texts(JsonNode body, String member) throws BadRequestException {
    JsonNode node = body.path(member);
    var texts = new ArrayList<String>();
    if (node.isTextual()) {
      texts.add(node.asText());
    }
    for (JsonNode text : node) {
      texts.add(text.asText());
    }
    if (texts.isEmpty()) {
      throw new BadRequestException(member + ": Field required");
    }
    return texts;
  }

  private double nearness(String one, String other) {
    double[] a = vector(one);
    double[] b = vector(other);
    double product = 0;
    for (int i = 0; i < DIMENSIONS; i++) {
      product += a[i] * b[i];
    }
    return product;
  }

  /** Of length one. */
  private double[] vector(String text) {
    var vector = new double[DIMENSIONS];
    for (int id : format.encodeRaw(text)) {
      vector[id % DIMENSIONS]++;
    }
    double length = 0;
    for (double value : vector) {
      length += value * value;
    }
    for (int i = 0; i < DIMENSIONS && length > 0; i++) {
      vector[i] /= Math.sqrt(length);
    }
    return vector;
  }
}
