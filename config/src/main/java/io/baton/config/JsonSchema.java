package io.baton.config;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Writes the settings as a JSON Schema (2020-12), for editors and checks. */
public final class JsonSchema {
  private static final JsonMapper JSON = new JsonMapper();

  private JsonSchema() {}

  /** A schema of a file with these sections; with a section without name, it is the whole file. */
  public static String of(List<Section> sections) {
    ObjectNode schema = JSON.createObjectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "Baton settings");
    schema.put("type", "object");
    schema.put("additionalProperties", false);
    ObjectNode properties = schema.putObject("properties");
    for (Section section : sections) {
      ObjectNode group = group(Shapes.of(section.type()));
      if (section.name().isEmpty()) {
        properties.setAll((ObjectNode) group.get("properties"));
        if (group.has("required")) {
          schema.set("required", group.get("required"));
        }
      } else {
        properties.set(section.name(), group);
      }
    }
    return schema.toPrettyString() + "\n";
  }

  private static ObjectNode of(Shape shape) {
    return switch (shape) {
      case Shape.Single single -> single(single);
      case Shape.Items items ->
          nullable(typed("array").<ObjectNode>set("items", of(items.element())));
      case Shape.Named named ->
          nullable(typed("object").<ObjectNode>set("additionalProperties", of(named.element())));
      case Shape.Maybe maybe -> nullable(of(maybe.inner()));
      case Shape.Group group -> group(group);
    };
  }

  /** A group may be nothing where all its settings have defaults. */
  private static ObjectNode group(Shape.Group group) {
    ObjectNode schema = typed("object");
    schema.put("additionalProperties", false);
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = JSON.createArrayNode();
    for (Shape.Field field : group.fields()) {
      ObjectNode property = of(field.shape());
      describe(field, property);
      properties.set(field.key(), property);
      if (isRequired(field)) {
        required.add(field.key());
      }
    }
    if (required.isEmpty()) {
      return nullable(schema);
    }
    schema.set("required", required);
    return schema;
  }

  private static boolean isRequired(Shape.Field field) {
    return switch (field.shape()) {
      case Shape.Single _ -> field.defaultText() == null && field.defaultValue() == null;
      case Shape.Group group -> group.fields().stream().anyMatch(JsonSchema::isRequired);
      case Shape.Items _, Shape.Named _, Shape.Maybe _ -> false;
    };
  }

  private static void describe(Shape.Field field, ObjectNode property) {
    if (!field.doc().isEmpty()) {
      String unit = field.unit().isEmpty() ? "" : " Unit: " + field.unit() + ".";
      String hint = hint(field.shape());
      property.put(
          "description", field.doc() + unit + (hint.isEmpty() ? "" : " Value: " + hint + "."));
    }
    if (field.defaultText() != null) {
      property.put("default", field.defaultText());
    } else if (field.defaultValue() != null && !(field.shape() instanceof Shape.Group)) {
      property.put("default", Binder.print(field.defaultValue()));
    }
  }

  private static String hint(Shape shape) {
    return shape instanceof Shape.Single single ? single.expected() : "";
  }

  private static ObjectNode single(Shape.Single single) {
    ScalarType type = single.type();
    return switch (type.form()) {
      case INTEGER -> limited(typed("integer"), single.range());
      case NUMBER -> limited(typed("number"), single.range());
      case BOOLEAN -> typed("boolean");
      // YAML reads a text such as 8000 as a number.
      case TEXT -> typed("string", "number", "boolean");
      case DURATION -> typed("string").put("pattern", "^" + Quantities.DURATION_PATTERN + "$");
      case SIZE ->
          limited(typed("integer", "string"), single.range())
              .put("pattern", "^" + Quantities.SIZE_PATTERN + "$");
      case CHOICE -> {
        ObjectNode schema = JSON.createObjectNode();
        type.choices().forEach(schema.putArray("enum")::add);
        yield schema;
      }
    };
  }

  private static ObjectNode limited(ObjectNode schema, ValueRange range) {
    if (range.hasMin()) {
      schema.put("minimum", range.min());
    }
    if (range.hasMax()) {
      schema.put("maximum", range.max());
    }
    return schema;
  }

  private static ObjectNode typed(String... types) {
    ObjectNode schema = JSON.createObjectNode();
    if (types.length == 1) {
      return schema.put("type", types[0]);
    }
    ArrayNode all = schema.putArray("type");
    for (String type : types) {
      all.add(type);
    }
    return schema;
  }

  /** The same, or null: a key without a value. */
  private static ObjectNode nullable(ObjectNode schema) {
    if (schema.get("enum") instanceof ArrayNode values) {
      values.addNull();
    } else if (schema.get("type") instanceof ArrayNode types) {
      types.add("null");
    } else {
      String type = schema.get("type").asText();
      schema.putArray("type").add(type).add("null");
    }
    return schema;
  }
}
