package io.baton.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Cases of the reference runs that come with the models. */
public final class GoldenCases {
  private GoldenCases() {}

  /** One case. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Case(String name, int[] inputIds, int[] greedyIds, double margin) {}

  /** All cases of a bundled model. */
  public static List<Case> of(String model) {
    Path beside = TestModels.dir(model).resolve("golden.json");
    Path file = Files.exists(beside) ? beside : TestModels.dir("golden/" + model + ".json");
    try {
      var cases = new ArrayList<Case>();
      for (JsonNode node : new ObjectMapper().readTree(file.toFile()).path("cases")) {
        cases.add(
            new Case(
                node.path("name").asText(),
                ints(node.path("input_ids")),
                ints(node.path("greedy_ids")),
                node.path("greedy_min_margin").asDouble()));
      }
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int[] ints(JsonNode array) {
    var values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }
}
