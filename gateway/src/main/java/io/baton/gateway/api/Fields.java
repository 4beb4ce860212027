package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Members of a JSON object, read with their type and range; null counts as absent. */
final class Fields {
  private final JsonNode object;
  private final String prefix;

  Fields(JsonNode object) {
    this(object, "");
  }

  Fields(JsonNode object, String prefix) {
    this.object = object;
    this.prefix = prefix;
  }

  JsonNode node(String name) {
    JsonNode node = object.path(name);
    return node.isNull() ? MissingNode.getInstance() : node;
  }

  Optional<String> text(String name) throws ApiException {
    JsonNode node = node(name);
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      throw wrong(name, node, "a string");
    }
    return Optional.of(node.textValue());
  }

  boolean flag(String name) throws ApiException {
    JsonNode node = node(name);
    if (node.isMissingNode()) {
      return false;
    }
    if (!node.isBoolean()) {
      throw wrong(name, node, "true or false");
    }
    return node.booleanValue();
  }

  OptionalInt integer(String name, int min, int max) throws ApiException {
    JsonNode node = node(name);
    if (node.isMissingNode()) {
      return OptionalInt.empty();
    }
    boolean fits = node.isIntegralNumber() && node.canConvertToLong();
    if (!fits || node.longValue() < min || node.longValue() > max) {
      String range = max == Integer.MAX_VALUE ? "at least " + min : min + " to " + max;
      throw wrong(name, node, "a whole number, " + range);
    }
    return OptionalInt.of(node.intValue());
  }

  OptionalLong anyLong(String name) throws ApiException {
    JsonNode node = node(name);
    if (node.isMissingNode()) {
      return OptionalLong.empty();
    }
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw wrong(name, node, "a whole number of 64 bits");
    }
    return OptionalLong.of(node.longValue());
  }

  OptionalDouble number(String name, double min, double max) throws ApiException {
    JsonNode node = node(name);
    if (node.isMissingNode()) {
      return OptionalDouble.empty();
    }
    double value = node.doubleValue();
    if (!node.isNumber() || !(value >= min && value <= max)) {
      throw wrong(name, node, "a number, " + min + " to " + max);
    }
    return OptionalDouble.of(value);
  }

  ApiException wrong(String name, JsonNode value, String expected) {
    String shown = value.toString();
    String cut = shown.length() > 80 ? shown.substring(0, 80) + "..." : shown;
    return ApiException.invalid(
        prefix + name, prefix + name + ": " + cut + " (expected: " + expected + ")");
  }
}
