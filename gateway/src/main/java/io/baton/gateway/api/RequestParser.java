package io.baton.gateway.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.GenerationRequest.Input;
import io.baton.gateway.api.GenerationRequest.Output;
import io.baton.proto.v1.Sampling;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Reads bodies: those of chat completions and completions itself, others by their parsers. */
public final class RequestParser {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_STOPS = 4;

  private RequestParser() {}

  /** A body's members that matter whatever the model's form is. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Envelope(JsonNode root, byte[] body, String model, boolean stream) {
    /** The same request for the model by its own name. */
    public Envelope renamed(String name) {
      Buffer renamed = Buffer.buffer(body.length + name.length());
      IdentityRewriter.ofModel(name).rewrite(body, renamed);
      return new Envelope(root, renamed.getBytes(), name, stream);
    }
  }

  /**
   * Reads just enough of a body to know who should do it.
   *
   * @throws ApiException if it is not a JSON object with a model
   */
  public static Envelope open(byte[] body) throws ApiException {
    JsonNode root = tree(body);
    var fields = new Fields(root, Parameters.CHAT);
    String model =
        fields.text("model").orElseThrow(() -> fields.missing("model", "the name of a model"));
    return new Envelope(root, body, model, fields.flag("stream"));
  }

  /**
   * Reads and validates all of a body, for models in the {@code tokens} form.
   *
   * @param defaults what the model's makers recommend where the client says nothing
   * @param rejectUnknown whether parameters that nobody declared are an error
   * @throws ApiException naming the parameter, its value and what is expected
   */
  public static GenerationRequest parse(
      Api api, Envelope envelope, SamplingDefaults defaults, boolean rejectUnknown)
      throws ApiException {
    ParameterTable table = Parameters.of(api);
    table.check(envelope.root(), rejectUnknown);
    if (api == Api.MESSAGES) {
      return MessagesParser.parse(api, envelope, defaults);
    }
    if (api == Api.RESPONSES) {
      return ResponsesParser.parse(envelope, defaults);
    }
    var fields = new Fields(envelope.root(), table);
    Sampling sampling = SamplingParser.parse(fields, defaults);
    int topLogprobs = topLogprobs(api, fields);
    Output output = output(api, envelope, fields, topLogprobs >= 0);
    boolean ranked = output.made() > output.n();
    return new GenerationRequest(
        api,
        envelope.model(),
        output,
        inputs(api, fields),
        maxTokens(api, fields),
        stops(fields.node("stop")),
        fields.flag("ignore_eos"),
        fields.text("cache_salt").orElse(""),
        sampling.toBuilder()
            .setTopLogprobs(ranked ? Math.max(0, topLogprobs) : topLogprobs)
            .setScorePrompt(output.scored())
            .build(),
        api == Api.CHAT ? ToolsParser.chat(fields) : ToolUse.NONE,
        api == Api.CHAT ? Rendering.chat(fields) : Rendering.PLAIN,
        AnswerFormat.parse(fields),
        MissingNode.getInstance());
  }

  /**
   * Reads only what is to be continued.
   *
   * @throws ApiException if it is not text or token ids
   */
  public static Input input(Api api, Envelope envelope) throws ApiException {
    return inputs(api, new Fields(envelope.root(), "")).getFirst();
  }

  /**
   * Reads only what the chat template is given beside the messages.
   *
   * @throws ApiException if it is not as expected
   */
  public static Map<String, Object> templateVariables(Api api, Envelope envelope)
      throws ApiException {
    var fields = new Fields(envelope.root(), "");
    var variables = new LinkedHashMap<String, Object>();
    ToolUse tools =
        switch (api) {
          case CHAT -> {
            variables.putAll(Rendering.chat(fields).variables());
            yield ToolsParser.chat(fields);
          }
          case MESSAGES -> {
            variables.putAll(MessagesParser.rendering(fields).variables());
            yield ToolsParser.messages(fields);
          }
          case RESPONSES -> ToolsParser.responses(fields);
          default -> ToolUse.NONE;
        };
    if (tools.possible()) {
      variables.put("tools", tools.definitions());
    }
    return variables;
  }

  private static List<Input> inputs(Api api, Fields fields) throws ApiException {
    return switch (api) {
      case CHAT, TOKENIZE -> List.of(Conversations.messages(fields));
      case MESSAGES, COUNT_TOKENS -> List.of(MessagesParser.input(fields));
      case RESPONSES -> List.of(ResponsesParser.input(fields));
      default -> Conversations.prompts(fields);
    };
  }

  static JsonNode tree(byte[] body) throws ApiException {
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

  private static Output output(Api api, Envelope envelope, Fields fields, boolean logprobs)
      throws ApiException {
    int n = fields.integer("n").orElse(1);
    int bestOf = fields.integer("best_of").orElse(n);
    boolean echo = api == Api.COMPLETIONS && fields.flag("echo");
    if (bestOf < n) {
      throw ApiException.invalid(
          "best_of", "best_of: " + bestOf + " (expected: at least n, which is " + n + ")");
    }
    if (bestOf > n && envelope.stream()) {
      throw ApiException.unsupported(
          "best_of", "best_of: more than n cannot be streamed (expected: stream false)");
    }
    for (JsonNode modality : fields.array("modalities")) {
      if (!modality.asText().equals("text")) {
        throw ApiException.unsupported(
            "modalities", "modalities: " + modality + " (expected: text)");
      }
    }
    return new Output(
        envelope.stream(), includeUsage(fields, envelope.stream()), n, bestOf, logprobs, echo);
  }

  /** -1: none are asked for. */
  private static int topLogprobs(Api api, Fields fields) throws ApiException {
    if (api == Api.COMPLETIONS) {
      return fields.integer("logprobs").orElse(-1);
    }
    boolean asked = fields.flag("logprobs");
    OptionalInt top = fields.integer("top_logprobs");
    if (top.isPresent() && top.getAsInt() > 0 && !asked) {
      throw ApiException.invalid(
          "top_logprobs", "top_logprobs: " + top.getAsInt() + " (expected: only with logprobs)");
    }
    return asked ? top.orElse(0) : -1;
  }

  private static boolean includeUsage(Fields fields, boolean stream) throws ApiException {
    JsonNode options = fields.object("stream_options");
    if (options.isMissingNode()) {
      return false;
    }
    if (!stream) {
      throw ApiException.invalid("stream_options", "stream_options: only allowed with stream true");
    }
    return new Fields(options, "stream_options.").flag("include_usage");
  }

  private static OptionalInt maxTokens(Api api, Fields fields) throws ApiException {
    OptionalInt newer =
        api == Api.CHAT ? fields.integer("max_completion_tokens") : OptionalInt.empty();
    OptionalInt older = fields.integer("max_tokens");
    if (newer.isPresent()) {
      return newer;
    }
    // OpenAI's completions generate 16 tokens unless told otherwise; chat goes on as long as it
    // fits.
    return older.isPresent() || api == Api.CHAT ? older : OptionalInt.of(16);
  }

  static List<String> stops(JsonNode node) throws ApiException {
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
}
