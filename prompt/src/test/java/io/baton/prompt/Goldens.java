package io.baton.prompt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The bundled model, and what reference runs of transformers 5.17.0 say about it. */
final class Goldens {
  static final Path MODEL = Path.of("..", "models", "baton-demo");

  private static final ObjectMapper JSON = new ObjectMapper();

  private Goldens() {}

  /** Texts with their ids, and rendered conversations. */
  static JsonNode tokenizer() {
    return read("baton-demo-tokenizer.json");
  }

  /** Whole requests with their answers. */
  static List<JsonNode> requests() {
    var cases = new ArrayList<JsonNode>();
    read("baton-demo.json").get("cases").forEach(cases::add);
    return cases;
  }

  static JsonNode request(String name) {
    return requests().stream()
        .filter(request -> request.get("name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode read(String file) {
    try {
      return JSON.readTree(Path.of("..", "models", "golden", file).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static PromptFormat format() throws IOException {
    return PromptFormat.load(MODEL);
  }

  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> messages(JsonNode request) {
    return JSON.convertValue(request.get("messages"), List.class);
  }

  static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }
}
