package io.baton.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SplittableRandom;

/** Schemas of the supported subset. */
public final class RandomSchemas {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> PATTERNS =
      List.of("^[a-z]{2,5}$", "^(red|green|blue)$", "^\\d{3}-\\d{2}$", "[A-Z]x?", "^[^a-y]{1,3}$");
  private static final List<String> FORMATS = List.of("date", "time", "date-time", "uuid", "ipv4");

  private final SplittableRandom random;

  /** The same seed, the same schemas. */
  public RandomSchemas(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** An object with a few members, nested at most twice more. */
  public ObjectNode next() {
    ObjectNode root = object(2);
    if (root.toString().contains("$ref")) {
      ObjectNode tree = root.putObject("$defs").putObject("tree").put("type", "object");
      var members = tree.putObject("properties");
      members.putObject("v").put("type", "boolean");
      members.putObject("next").put("$ref", "#/$defs/tree");
      tree.putArray("required").add("v");
    }
    return root;
  }

  private ObjectNode object(int depth) {
    ObjectNode schema = JSON.createObjectNode().put("type", "object");
    var properties = schema.putObject("properties");
    var required = schema.putArray("required");
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      properties.set("k" + i, value(depth));
      if (random.nextInt(3) > 0) {
        required.add("k" + i);
      }
    }
    schema.put("additionalProperties", false);
    return schema;
  }

  private JsonNode value(int depth) {
    ObjectNode schema = JSON.createObjectNode();
    switch (random.nextInt(depth > 0 ? 12 : 9)) {
      case 0 -> schema.put("type", "boolean");
      case 1 -> schema.put("type", "null");
      case 2 -> {
        int min = random.nextInt(-2000, 2000);
        schema
            .put("type", "integer")
            .put("minimum", min)
            .put("maximum", min + random.nextInt(5000));
      }
      case 3 -> schema.put("type", "string").put("maxLength", 1 + random.nextInt(12));
      case 4 -> schema.put("type", "string").put("pattern", PATTERNS.get(random.nextInt(5)));
      case 5 -> schema.put("type", "string").put("format", FORMATS.get(random.nextInt(5)));
      case 6 -> schema.putArray("enum").add("a\"b").add(17).add(true).addNull().add("\u00e4\u20ac");
      case 7 -> schema.put("type", random.nextBoolean() ? "number" : "integer");
      case 8 -> schema.put("const", "fixed");
      case 9 -> schema = object(depth - 1);
      case 10 -> {
        schema.put("type", "array").put("minItems", random.nextInt(2)).put("maxItems", 3);
        schema.set("items", value(depth - 1));
      }
      default -> {
        var options = schema.putArray("anyOf");
        options.add(value(depth - 1));
        options.addObject().put("$ref", "#/$defs/tree");
      }
    }
    return schema;
  }
}
