package io.baton.gateway.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.Parameter.Treatment;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;

/** The OpenAPI 3.1 document, made of the declarations that the parsers use. */
public final class OpenApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<Api, List<String>> REQUIRED =
      Map.of(
          Api.CHAT, List.of("model", "messages"),
          Api.COMPLETIONS, List.of("model", "prompt"),
          Api.MESSAGES, List.of("model", "messages", "max_tokens"),
          Api.COUNT_TOKENS, List.of("model", "messages"),
          Api.RESPONSES, List.of("model", "input"),
          Api.TOKENIZE, List.of("model"),
          Api.DETOKENIZE, List.of("model", "tokens"),
          Api.EMBEDDINGS, List.of("model", "input"),
          Api.RERANK, List.of("model", "query", "documents"),
          Api.SCORE, List.of("model"));
  private static final byte[] DOCUMENT = write().getBytes(java.nio.charset.StandardCharsets.UTF_8);

  private OpenApi() {}

  /** The document, in JSON. */
  public static Buffer document() {
    return Buffer.buffer(DOCUMENT);
  }

  private static String write() {
    ObjectNode root = JSON.createObjectNode().put("openapi", "3.1.0");
    root.putObject("info").put("title", "Baton gateway").put("version", "1");
    ObjectNode paths = root.putObject("paths");
    for (Api api : Api.values()) {
      ObjectNode post = paths.putObject(api.path()).putObject("post");
      post.put("operationId", api.name().toLowerCase(java.util.Locale.ROOT));
      ObjectNode body = post.putObject("requestBody").put("required", true);
      body.putObject("content").putObject("application/json").set("schema", schema(api));
      answers(api, post.putObject("responses"));
    }
    for (String path : List.of("/v1/models", "/health", "/live", "/ready", "/metrics")) {
      ObjectNode get = paths.putObject(path).putObject("get");
      get.putObject("responses").putObject("200").put("description", "OK");
    }
    ObjectNode one = paths.putObject("/v1/models/{model}").putObject("get");
    ObjectNode name = one.putArray("parameters").addObject().put("name", "model");
    name.put("in", "path").put("required", true).putObject("schema").put("type", "string");
    one.putObject("responses").putObject("200").put("description", "OK");
    return root.toString();
  }

  private static void answers(Api api, ObjectNode responses) {
    ObjectNode good = responses.putObject("200").put("description", "The answer.");
    ObjectNode content = good.putObject("content");
    content.putObject("application/json");
    if (api.generates()) {
      content.putObject("text/event-stream");
    }
    for (ErrorKind kind : ErrorKind.values()) {
      String status = Integer.toString(kind.status());
      if (!responses.has(status)) {
        responses.putObject(status).put("description", kind.type());
      }
    }
  }

  private static ObjectNode schema(Api api) {
    ObjectNode schema = JSON.createObjectNode().put("type", "object");
    var required = schema.putArray("required");
    REQUIRED.getOrDefault(api, List.of()).forEach(required::add);
    ObjectNode properties = schema.putObject("properties");
    for (Parameter parameter : Parameters.of(api).all()) {
      properties.set(parameter.name(), property(parameter));
    }
    return schema;
  }

  private static ObjectNode property(Parameter parameter) {
    ObjectNode property = JSON.createObjectNode();
    List<String> types = parameter.kind().types();
    if (types.size() == 1) {
      property.put("type", types.getFirst());
    } else if (types.size() > 1) {
      types.forEach(property.putArray("type")::add);
    }
    bound(property, "minimum", parameter.min());
    bound(property, "maximum", parameter.max());
    String word = parameter.treatment().name().toLowerCase(java.util.Locale.ROOT);
    property.put("description", parameter.note()).put("x-baton-treatment", word);
    if (parameter.treatment() == Treatment.REFUSED) {
      property.put("deprecated", true);
    }
    return property;
  }

  private static void bound(ObjectNode property, String name, double value) {
    if (!Double.isNaN(value)) {
      if (value == Math.rint(value)) {
        property.put(name, (long) value);
      } else {
        property.put(name, value);
      }
    }
  }
}
