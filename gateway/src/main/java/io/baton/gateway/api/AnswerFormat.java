package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.prompt.tools.ForcedCalls;
import io.baton.proto.v1.Constraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an answer must follow, and the parameter that said so.
 *
 * @param param for errors
 */
public record AnswerFormat(Constraint constraint, String param) {
  private static final String ANY_OBJECT = "{\"type\":\"object\"}";

  /** Of OpenAI's older surfaces: {@code response_format}, {@code regex} or {@code grammar}. */
  static Optional<AnswerFormat> parse(Fields fields) throws ApiException {
    var found = new ArrayList<AnswerFormat>();
    JsonNode format = fields.object("response_format");
    typed(format, format.path("json_schema"), "response_format").ifPresent(found::add);
    fields
        .text("regex")
        .map(regex -> Constraint.newBuilder().setRegex(regex).build())
        .ifPresent(c -> found.add(new AnswerFormat(c, "regex")));
    fields
        .text("grammar")
        .map(grammar -> Constraint.newBuilder().setGrammar(grammar).build())
        .ifPresent(c -> found.add(new AnswerFormat(c, "grammar")));
    return one(found, fields);
  }

  /** Of responses: {@code text.format}, whose schema is not wrapped. */
  static Optional<AnswerFormat> responses(Fields fields) throws ApiException {
    JsonNode format = fields.object("text").path("format");
    return one(typed(format, format, "text.format").stream().toList(), fields);
  }

  private static Optional<AnswerFormat> one(List<AnswerFormat> found, Fields fields)
      throws ApiException {
    if (found.size() > 1) {
      String param = found.get(1).param();
      throw ApiException.invalid(param, param + ": not together with " + found.get(0).param());
    }
    if (!found.isEmpty() && fields.flag("ignore_eos")) {
      throw ApiException.unsupported(
          "ignore_eos", "ignore_eos: not together with " + found.getFirst().param());
    }
    if (!found.isEmpty() && fields.integer("min_tokens").orElse(0) > 0) {
      throw ApiException.unsupported(
          "min_tokens", "min_tokens: not together with " + found.getFirst().param());
    }
    return found.stream().findFirst();
  }

  private static Optional<AnswerFormat> typed(JsonNode format, JsonNode holder, String param)
      throws ApiException {
    if (format.isMissingNode() || format.isNull()) {
      return Optional.empty();
    }
    String type = format.path("type").asText("");
    return switch (type) {
      case "text" -> Optional.empty();
      case "json_object" -> Optional.of(schema(ANY_OBJECT, param));
      case "json_schema" -> {
        JsonNode schema = holder.path("schema");
        if (!schema.isObject()) {
          throw ApiException.invalid(
              param, param + ": no schema in it (expected: a JSON Schema, an object)");
        }
        yield Optional.of(schema(schema.toString(), param));
      }
      default ->
          throw ApiException.unsupported(
              param,
              param
                  + ": type "
                  + format.path("type")
                  + " (expected: text, json_object, json_schema)");
    };
  }

  private static AnswerFormat schema(String schema, String param) {
    return new AnswerFormat(Constraint.newBuilder().setJsonSchema(schema).build(), param);
  }

  /**
   * Of answers that must be calls.
   *
   * @param parameters JSON Schema of each tool's arguments, by name; at least one
   * @param several whether there may be more than one call
   */
  public static AnswerFormat ofCalls(Map<String, Map<String, Object>> parameters, boolean several) {
    return schema(ForcedCalls.schema(parameters, several), "tool_choice");
  }
}
