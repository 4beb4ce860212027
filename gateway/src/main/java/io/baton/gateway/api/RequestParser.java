package io.baton.gateway.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.GenerationRequest.Input;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Reads the bodies of chat completions and completions. Unknown members are ignored. */
public final class RequestParser {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_STOPS = 4;

  private RequestParser() {}

  /** A body's members that matter whatever the model's form is. */
  public record Envelope(JsonNode root, byte[] body, String model, boolean stream) {}

  /**
   * Reads just enough of a body to know who should do it.
   *
   * @throws ApiException if it is not a JSON object with a model
   */
  public static Envelope open(byte[] body) throws ApiException {
    JsonNode root = tree(body);
    var fields = new Fields(root);
    String model = fields.text("model").orElseThrow(() -> missing("model", "the name of a model"));
    return new Envelope(root, body, model, fields.flag("stream"));
  }

  /**
   * Reads and validates all of a body, for models in the {@code tokens} form.
   *
   * @param defaults what the model's makers recommend where the client says nothing
   * @throws ApiException naming the parameter, its value and what is expected
   */
  public static GenerationRequest parse(Api api, Envelope envelope, SamplingDefaults defaults)
      throws ApiException {
    var fields = new Fields(envelope.root());
    return new GenerationRequest(
        api,
        envelope.model(),
        envelope.stream(),
        includeUsage(fields, envelope.stream()),
        input(api, envelope),
        maxTokens(api, fields),
        stops(fields.node("stop")),
        fields.flag("ignore_eos"),
        fields.text("cache_salt").orElse(""),
        SamplingParser.parse(fields, defaults));
  }

  /**
   * Reads only what is to be continued.
   *
   * @throws ApiException if it is not text or token ids
   */
  public static Input input(Api api, Envelope envelope) throws ApiException {
    var fields = new Fields(envelope.root());
    return api == Api.CHAT ? messages(fields.node("messages")) : prompt(fields.node("prompt"));
  }

  private static JsonNode tree(byte[] body) throws ApiException {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw ApiException.invalid(
          null, "The body is not valid JSON" + where + ": " + e.getOriginalMessage());
    } catch (IOException e) {
      throw ApiException.invalid(null, "The body could not be read: " + e.getMessage());
    }
    if (root == null || !root.isObject()) {
      throw ApiException.invalid(null, "The body must be a JSON object.");
    }
    return root;
  }

  private static ApiException missing(String param, String expected) {
    return ApiException.invalid(param, param + ": missing (expected: " + expected + ")");
  }

  private static boolean includeUsage(Fields fields, boolean stream) throws ApiException {
    JsonNode options = fields.node("stream_options");
    if (options.isMissingNode()) {
      return false;
    }
    if (!stream) {
      throw ApiException.invalid("stream_options", "stream_options: only allowed with stream true");
    }
    if (!options.isObject()) {
      throw fields.wrong("stream_options", options, "an object");
    }
    return new Fields(options, "stream_options.").flag("include_usage");
  }

  private static OptionalInt maxTokens(Api api, Fields fields) throws ApiException {
    OptionalInt newer =
        api == Api.CHAT
            ? fields.integer("max_completion_tokens", 1, Integer.MAX_VALUE)
            : OptionalInt.empty();
    OptionalInt older = fields.integer("max_tokens", 1, Integer.MAX_VALUE);
    if (newer.isPresent()) {
      return newer;
    }
    // OpenAI's completions generate 16 tokens unless told otherwise; chat goes on as long as it
    // fits.
    return older.isPresent() || api == Api.CHAT ? older : OptionalInt.of(16);
  }

  private static List<String> stops(JsonNode node) throws ApiException {
    if (node.isMissingNode()) {
      return List.of();
    }
    var stops = new ArrayList<String>();
    for (JsonNode stop : node.isArray() ? node : List.of(node)) {
      if (!stop.isTextual() || stop.textValue().isEmpty()) {
        throw ApiException.invalid(
            "stop", "stop: " + stop + " (expected: a non-empty string, or up to 4 of them)");
      }
      stops.add(stop.textValue());
    }
    if (stops.size() > MAX_STOPS) {
      throw ApiException.invalid(
          "stop", "stop: " + stops.size() + " strings (expected: at most " + MAX_STOPS + ")");
    }
    return List.copyOf(stops);
  }

  private static Input messages(JsonNode node) throws ApiException {
    if (!node.isArray() || node.isEmpty()) {
      throw missing("messages", "an array of at least one message");
    }
    var messages = new ArrayList<Map<String, Object>>(node.size());
    for (int i = 0; i < node.size(); i++) {
      messages.add(message(node.get(i), "messages[" + i + "]"));
    }
    return new Input.Messages(messages);
  }

  private static Map<String, Object> message(JsonNode node, String where) throws ApiException {
    if (!node.isObject()) {
      throw ApiException.invalid(where, where + ": " + kind(node) + " (expected: an object)");
    }
    if (!node.path("role").isTextual()) {
      throw missing(where + ".role", "system, developer, user, assistant or tool");
    }
    var message = new LinkedHashMap<String, Object>();
    for (var member : node.properties()) {
      Object value =
          member.getKey().equals("content")
              ? content(member.getValue(), where + ".content")
              : JSON.convertValue(member.getValue(), Object.class);
      if (value != null) {
        message.put(member.getKey(), value);
      }
    }
    message.putIfAbsent("content", "");
    return message;
  }

  /** Text parts are joined, as chat templates of text models expect a string. */
  private static String content(JsonNode node, String where) throws ApiException {
    if (node.isTextual()) {
      return node.textValue();
    }
    if (node.isNull()) {
      return "";
    }
    if (!node.isArray()) {
      throw ApiException.invalid(
          where, where + ": " + kind(node) + " (expected: a string or an array of parts)");
    }
    var text = new StringBuilder();
    for (int i = 0; i < node.size(); i++) {
      JsonNode part = node.get(i);
      String partWhere = where + "[" + i + "]";
      String type = part.path("type").asText("");
      if (!type.equals("text") || !part.path("text").isTextual()) {
        throw ApiException.unsupported(
            partWhere,
            partWhere + ": type " + type + " (expected: text; this model reads only text)");
      }
      text.append(part.get("text").textValue());
    }
    return text.toString();
  }

  private static Input prompt(JsonNode node) throws ApiException {
    if (node.isTextual()) {
      return new Input.Text(node.textValue());
    }
    if (!node.isArray() || node.isEmpty()) {
      throw missing("prompt", "a string or an array of token ids");
    }
    int[] ids = new int[node.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = node.get(i);
      if (id.isTextual() || id.isArray()) {
        throw ApiException.unsupported(
            "prompt", "prompt: a list of prompts (expected: one prompt per request)");
      }
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw ApiException.invalid(
            "prompt", "prompt[" + i + "]: " + id + " (expected: a token id)");
      }
      ids[i] = id.intValue();
    }
    return new Input.Tokens(ids);
  }

  private static String kind(JsonNode node) {
    return node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
  }
}
