package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Members of a JSON object, read with their type and range; null counts as absent. At the top of a
 * body the ranges are those that the endpoint's table declares.
 */
final class Fields {
  private static final ParameterTable NO_TABLE = ParameterTable.of();

  private final JsonNode object;
  private final String prefix;
  private final ParameterTable table;

  Fields(JsonNode object, ParameterTable table) {
    this(object, "", table);
  }

  Fields(JsonNode object, String prefix) {
    this(object, prefix, NO_TABLE);
  }

  private Fields(JsonNode object, String prefix, ParameterTable table) {
    this.object = object;
    this.prefix = prefix;
    this.table = table;
  }

  JsonNode node(String name) {
    JsonNode node = object.path(name);
    return node.isNull() ? MissingNode.getInstance() : node;
  }

  boolean has(String name) {
    return !node(name).isMissingNode();
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
    return flag(name, false);
  }

  boolean flag(String name, boolean absent) throws ApiException {
    JsonNode node = node(name);
    if (node.isMissingNode()) {
      return absent;
    }
    if (!node.isBoolean()) {
      throw wrong(name, node, "true or false");
    }
    return node.booleanValue();
  }

  JsonNode object(String name) throws ApiException {
    JsonNode node = node(name);
    if (!node.isMissingNode() && !node.isObject()) {
      throw wrong(name, node, "an object");
    }
    return node;
  }

  JsonNode array(String name) throws ApiException {
    JsonNode node = node(name);
    if (!node.isMissingNode() && !node.isArray()) {
      throw wrong(name, node, "an array");
    }
    return node;
  }

  /** A whole number in its declared range. */
  OptionalInt integer(String name) throws ApiException {
    Parameter declared = declared(name);
    return integer(name, (int) declared.min(), (int) declared.max());
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

  /** A number in its declared range. */
  OptionalDouble number(String name) throws ApiException {
    Parameter declared = declared(name);
    JsonNode node = node(name);
    if (node.isMissingNode()) {
      return OptionalDouble.empty();
    }
    double value = node.doubleValue();
    if (!node.isNumber() || !(value >= declared.min() && value <= declared.max())) {
      throw wrong(name, node, "a number, " + declared.min() + " to " + declared.max());
    }
    return OptionalDouble.of(value);
  }

  private Parameter declared(String name) {
    return table
        .find(name)
        .orElseThrow(() -> new IllegalStateException("no parameter is declared as " + name));
  }

  ApiException wrong(String name, JsonNode value, String expected) {
    String shown = value.toString();
    String cut = shown.length() > 80 ? shown.substring(0, 80) + "..." : shown;
    return ApiException.invalid(
        prefix + name, prefix + name + ": " + cut + " (expected: " + expected + ")");
  }

  ApiException missing(String name, String expected) {
    return ApiException.invalid(
        prefix + name, prefix + name + ": missing (expected: " + expected + ")");
  }
}
