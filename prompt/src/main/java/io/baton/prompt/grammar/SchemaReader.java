package io.baton.prompt.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a JSON Schema into an expression whose texts all validate. Properties are written in their
 * declared order, and none but these. What the subset does not have is refused with its place.
 */
final class SchemaReader {
  private static final int MOST_EXPRESSIONS = 50_000;
  private static final int MOST_DEPTH = 64;
  private static final int MOST_VALUES = 1000;
  private static final int MOST_LITERAL = 4096;
  private static final Set<String> NOTES =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "$schema",
          "$id",
          "$comment",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$defs",
          "definitions",
          "strict");
  private static final Set<String> KNOWN =
      Set.of(
          "type",
          "enum",
          "const",
          "properties",
          "required",
          "additionalProperties",
          "items",
          "minItems",
          "maxItems",
          "minLength",
          "maxLength",
          "pattern",
          "format",
          "minimum",
          "maximum",
          "exclusiveMinimum",
          "exclusiveMaximum",
          "anyOf",
          "$ref",
          "uniqueItems");
  private static final Map<String, String> FORMATS =
      Map.of(
          "date", "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])",
          "time", "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z",
          "date-time",
              "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z",
          "uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
          "ipv4",
              "((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])");
  private static final List<String> TYPES =
      List.of("object", "array", "string", "number", "integer", "boolean", "null");

  private final Exprs exprs;
  private final JsonTexts json;
  private final JsonNode root;
  private final Map<String, Expr> references = new HashMap<>();
  private final List<String> names = new ArrayList<>();
  private final List<Expr> ruleOrder = new ArrayList<>();
  private int depth;

  SchemaReader(Exprs exprs, JsonNode root) {
    this.exprs = exprs;
    this.json = new JsonTexts(exprs);
    this.root = root;
  }

  Expr read() throws GrammarException {
    Expr top = reference("#", "#");
    new Recursion(exprs, ruleOrder, names).check();
    return top;
  }

  private Expr schema(JsonNode schema, String place) throws GrammarException {
    if (++depth > MOST_DEPTH) {
      throw new GrammarException(place, "nested deeper than " + MOST_DEPTH);
    }
    if (exprs.size() > MOST_EXPRESSIONS) {
      throw new GrammarException(place, "the schema is too large");
    }
    Expr result = schema.isObject() ? object(schema, place) : trivial(schema, place);
    depth--;
    return result;
  }

  private Expr trivial(JsonNode schema, String place) throws GrammarException {
    if (!schema.isBoolean() || !schema.booleanValue()) {
      throw new GrammarException(
          place, shown(schema) + " (expected: a schema that allows something)");
    }
    return json.value();
  }

  private Expr object(JsonNode schema, String place) throws GrammarException {
    for (var member : schema.properties()) {
      if (!NOTES.contains(member.getKey()) && !KNOWN.contains(member.getKey())) {
        throw new GrammarException(place + "/" + member.getKey(), "not supported");
      }
    }
    if (schema.has("$ref")) {
      alone(schema, place, "$ref");
      return reference(schema.get("$ref").asText(), place + "/$ref");
    }
    if (schema.has("anyOf")) {
      alone(schema, place, "anyOf");
      return anyOf(schema.get("anyOf"), place + "/anyOf");
    }
    if (schema.has("const")) {
      alone(schema, place, "const");
      return literal(schema.get("const"), place + "/const");
    }
    if (schema.has("enum")) {
      return enumeration(schema, place);
    }
    var options = new ArrayList<Expr>();
    for (String type : types(schema, place)) {
      options.add(typed(type, schema, place));
    }
    return exprs.choice(options);
  }

  /** Beside these keywords others would have to hold too, which this subset does not have. */
  private static void alone(JsonNode schema, String place, String keyword) throws GrammarException {
    for (var member : schema.properties()) {
      boolean typeOfConst = keyword.equals("const") && member.getKey().equals("type");
      if (!member.getKey().equals(keyword) && !NOTES.contains(member.getKey()) && !typeOfConst) {
        throw new GrammarException(
            place + "/" + member.getKey(), "not supported beside " + keyword);
      }
    }
    if (schema.has("type") && !fits(schema.get(keyword), schema.path("type"))) {
      throw new GrammarException(place, "the constant is not of the type");
    }
  }

  private Expr reference(String name, String place) throws GrammarException {
    Expr known = references.get(name);
    if (known != null) {
      return known;
    }
    JsonNode target = name.equals("#") ? root : local(name);
    if (target.isMissingNode()) {
      throw new GrammarException(place, name + " (expected: a place in this schema, #/...)");
    }
    Expr rule = exprs.newRule();
    references.put(name, rule);
    ruleOrder.add(rule);
    names.add(name);
    exprs.define(rule, schema(target, name));
    return rule;
  }

  private JsonNode local(String name) {
    if (!name.startsWith("#/")) {
      return root.path("");
    }
    JsonNode node = root;
    for (String part : name.substring(2).split("/", -1)) {
      String key = part.replace("~1", "/").replace("~0", "~");
      node =
          node.isArray() && key.matches("[0-9]{1,6}")
              ? node.path(Integer.parseInt(key))
              : node.path(key);
    }
    return node;
  }

  private Expr anyOf(JsonNode options, String place) throws GrammarException {
    if (!options.isArray() || options.isEmpty() || options.size() > MOST_VALUES) {
      throw new GrammarException(place, "(expected: 1 to " + MOST_VALUES + " schemas)");
    }
    var all = new ArrayList<Expr>();
    for (int i = 0; i < options.size(); i++) {
      all.add(schema(options.get(i), place + "/" + i));
    }
    return exprs.choice(all);
  }

  private Expr enumeration(JsonNode schema, String place) throws GrammarException {
    for (var member : schema.properties()) {
      boolean allowed = Set.of("enum", "type").contains(member.getKey());
      if (!allowed && !NOTES.contains(member.getKey())) {
        throw new GrammarException(place + "/" + member.getKey(), "not supported beside enum");
      }
    }
    JsonNode values = schema.get("enum");
    if (!values.isArray() || values.size() > MOST_VALUES) {
      throw new GrammarException(place + "/enum", "(expected: 1 to " + MOST_VALUES + " values)");
    }
    var options = new ArrayList<Expr>();
    for (int i = 0; i < values.size(); i++) {
      if (fits(values.get(i), schema.path("type"))) {
        options.add(literal(values.get(i), place + "/enum/" + i));
      }
    }
    if (options.isEmpty()) {
      throw new GrammarException(place + "/enum", "no value is allowed");
    }
    return exprs.choice(options);
  }

  private static boolean fits(JsonNode value, JsonNode type) {
    if (type.isMissingNode()) {
      return true;
    }
    for (JsonNode one : type.isArray() ? type : List.of(type)) {
      boolean fits =
          switch (one.asText()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "number" -> value.isNumber();
            case "integer" -> value.isIntegralNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> false;
          };
      if (fits) {
        return true;
      }
    }
    return false;
  }

  private Expr literal(JsonNode value, String place) throws GrammarException {
    String text = value.toString();
    if (text.length() > MOST_LITERAL) {
      throw new GrammarException(place, "longer than " + MOST_LITERAL + " characters");
    }
    return exprs.text(text);
  }

  private static List<String> types(JsonNode schema, String place) throws GrammarException {
    JsonNode type = schema.path("type");
    if (type.isMissingNode()) {
      for (String hint : List.of("properties", "required", "additionalProperties")) {
        if (schema.has(hint)) {
          return List.of("object");
        }
      }
      if (schema.has("items")) {
        return List.of("array");
      }
      return TYPES;
    }
    var types = new ArrayList<String>();
    for (JsonNode one : type.isArray() ? type : List.of(type)) {
      if (!TYPES.contains(one.asText())) {
        throw new GrammarException(place + "/type", shown(one) + " (expected: " + TYPES + ")");
      }
      types.add(one.asText());
    }
    if (types.isEmpty()) {
      throw new GrammarException(place + "/type", "no type is allowed");
    }
    return types;
  }

  private Expr typed(String type, JsonNode schema, String place) throws GrammarException {
    return switch (type) {
      case "object" -> new ObjectReader(schema, place).read();
      case "array" -> array(schema, place);
      case "string" -> string(schema, place);
      case "number" -> number(schema, place);
      case "integer" -> integer(schema, place);
      case "boolean" -> json.bool;
      default -> exprs.text("null");
    };
  }

  private Expr array(JsonNode schema, String place) throws GrammarException {
    if (schema.path("uniqueItems").asBoolean()) {
      throw new GrammarException(place + "/uniqueItems", "not supported");
    }
    int[] size = bounds(schema, place, "minItems", "maxItems");
    if (!schema.has("items")) {
      return json.array(json.value(), size[0], size[1]);
    }
    return json.array(schema(schema.get("items"), place + "/items"), size[0], size[1]);
  }

  private Expr string(JsonNode schema, String place) throws GrammarException {
    int[] length = bounds(schema, place, "minLength", "maxLength");
    boolean counted = length[0] > 0 || length[1] >= 0;
    boolean pattern = schema.has("pattern");
    boolean format = schema.has("format");
    if ((counted ? 1 : 0) + (pattern ? 1 : 0) + (format ? 1 : 0) > 1) {
      throw new GrammarException(place, "only one of length, pattern and format is supported");
    }
    if (pattern) {
      String at = place + "/pattern";
      return json.quoted(
          new RegexReader(exprs, schema.get("pattern").asText(), JsonTexts.PLAIN, at).found());
    }
    if (format) {
      String at = place + "/format";
      String regex = FORMATS.get(schema.get("format").asText());
      if (regex == null) {
        throw new GrammarException(
            at, shown(schema.get("format")) + " (expected: date, time, date-time, uuid or ipv4)");
      }
      return json.quoted(new RegexReader(exprs, regex, JsonTexts.PLAIN, at).whole());
    }
    return counted ? json.quoted(exprs.repeat(json.character, length[0], length[1])) : json.string;
  }

  private static int[] bounds(JsonNode schema, String place, String least, String most)
      throws GrammarException {
    int[] bounds = {count(schema, place, least, 0), count(schema, place, most, -1)};
    if (bounds[1] >= 0 && bounds[0] > bounds[1]) {
      throw new GrammarException(place + "/" + most, "less than " + least);
    }
    return bounds;
  }

  private static int count(JsonNode schema, String place, String name, int absent)
      throws GrammarException {
    JsonNode node = schema.path(name);
    if (node.isMissingNode()) {
      return absent;
    }
    if (!node.canConvertToInt() || !node.isIntegralNumber() || node.intValue() < 0) {
      throw new GrammarException(place + "/" + name, shown(node) + " (expected: a count)");
    }
    return node.intValue();
  }

  private Expr number(JsonNode schema, String place) throws GrammarException {
    for (String bound : List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")) {
      if (schema.has(bound)) {
        throw new GrammarException(place + "/" + bound, "only supported for integers");
      }
    }
    return json.number;
  }

  private Expr integer(JsonNode schema, String place) throws GrammarException {
    BigInteger min = bound(schema, place, "minimum", RoundingMode.CEILING, 0);
    BigInteger above = bound(schema, place, "exclusiveMinimum", RoundingMode.FLOOR, 1);
    BigInteger max = bound(schema, place, "maximum", RoundingMode.FLOOR, 0);
    BigInteger below = bound(schema, place, "exclusiveMaximum", RoundingMode.CEILING, -1);
    min = min == null ? above : above == null ? min : min.max(above);
    max = max == null ? below : below == null ? max : max.min(below);
    if (min == null && max == null) {
      return json.integer;
    }
    Expr all = json.between(min, max);
    if (all == exprs.nothing) {
      throw new GrammarException(place, "no whole number of up to 18 digits lies in the bounds");
    }
    return all;
  }

  private static @Nullable BigInteger bound(
      JsonNode schema, String place, String name, RoundingMode rounding, int step)
      throws GrammarException {
    JsonNode node = schema.path(name);
    if (node.isMissingNode()) {
      return null;
    }
    BigDecimal value = node.isNumber() ? node.decimalValue() : BigDecimal.ZERO;
    if (!node.isNumber() || Math.abs((long) value.precision() - value.scale()) > 100) {
      throw new GrammarException(place + "/" + name, shown(node) + " (expected: a number)");
    }
    return value.setScale(0, rounding).toBigInteger().add(BigInteger.valueOf(step));
  }

  private static String shown(JsonNode node) {
    String text = node.toString();
    return text.length() > 80 ? text.substring(0, 80) + "..." : text;
  }

  /** An object with its properties in order. */
  private final class ObjectReader {
    private final JsonNode schema;
    private final String place;
    private final List<Expr> members = new ArrayList<>();
    private final List<Boolean> needed = new ArrayList<>();

    ObjectReader(JsonNode schema, String place) {
      this.schema = schema;
      this.place = place;
    }

    Expr read() throws GrammarException {
      JsonNode properties = schema.path("properties");
      JsonNode others = schema.path("additionalProperties");
      var required = new ArrayList<String>();
      schema.path("required").forEach(name -> required.add(name.asText()));
      for (String name : required) {
        if (!properties.has(name)) {
          throw new GrammarException(place + "/required", name + " is not among the properties");
        }
      }
      if (properties.isEmpty()) {
        return free(others);
      }
      for (var property : properties.properties()) {
        String at = place + "/properties/" + property.getKey();
        Expr key =
            literal(com.fasterxml.jackson.databind.node.TextNode.valueOf(property.getKey()), at);
        members.add(exprs.sequence(key, json.colon, schema(property.getValue(), at)));
        needed.add(required.contains(property.getKey()));
      }
      return exprs.sequence(exprs.text("{"), inOrder(), exprs.text("}"));
    }

    private Expr free(JsonNode others) throws GrammarException {
      if (others.isBoolean() && !others.booleanValue()) {
        return exprs.text("{}");
      }
      Expr value =
          others.isObject() ? schema(others, place + "/additionalProperties") : json.value();
      return json.object(exprs.sequence(json.string, json.colon, value), 0, -1);
    }

    /** From the last to the first, so that equal ends are one expression. */
    private Expr inOrder() {
      Expr afterSome = exprs.empty;
      Expr afterNone = exprs.empty;
      for (int i = members.size() - 1; i >= 0; i--) {
        Expr first = exprs.sequence(members.get(i), afterSome);
        Expr next = exprs.sequence(json.comma, members.get(i), afterSome);
        afterNone = needed.get(i) ? first : exprs.choice(first, afterNone);
        afterSome = needed.get(i) ? next : exprs.choice(next, afterSome);
      }
      return afterNone;
    }
  }
}
