package io.baton.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.GenerationRequest.Input;
import io.baton.gateway.api.RequestParser.Envelope;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a client wants to know of a tokenizer: {@code /tokenize}, {@code /detokenize} in vLLM's
 * shape, {@code /v1/messages/count_tokens} in Anthropic's.
 *
 * @param input text, conversation or token ids
 * @param variables what the chat template is given beside the messages
 * @param tokenStrings whether tokens are wanted as the vocabulary spells them too
 */
public record TokenizeRequest(
    Input input, Map<String, Object> variables, ToolUse tools, boolean tokenStrings) {

  /**
   * Reads a body.
   *
   * @throws ApiException naming the parameter, its value and what is expected
   */
  public static TokenizeRequest parse(Api api, Envelope envelope, boolean rejectUnknown)
      throws ApiException {
    Parameters.of(api).check(envelope.root(), rejectUnknown);
    var fields = new Fields(envelope.root(), Parameters.of(api));
    return switch (api) {
      case COUNT_TOKENS -> {
        GenerationRequest request = MessagesParser.parse(api, envelope, SamplingDefaults.OPENAI);
        yield new TokenizeRequest(
            request.inputs().getFirst(), request.templateVariables(), request.tools(), false);
      }
      case DETOKENIZE -> new TokenizeRequest(ids(fields), Map.of(), ToolUse.NONE, false);
      default -> tokenize(fields);
    };
  }

  private static TokenizeRequest tokenize(Fields fields) throws ApiException {
    boolean strings = fields.flag("return_token_strs");
    boolean beginAnswer = fields.flag("add_generation_prompt", true);
    ToolUse tools = ToolsParser.chat(fields);
    var variables = new LinkedHashMap<>(Rendering.chat(fields).variables());
    if (!fields.has("messages")) {
      String text =
          fields.text("prompt").orElseThrow(() -> fields.missing("prompt", "text or messages"));
      Input input =
          fields.flag("add_special_tokens", true) ? new Input.Text(text) : new Input.Exact(text);
      return new TokenizeRequest(input, Map.of(), ToolUse.NONE, strings);
    }
    if (tools.possible()) {
      variables.put("tools", tools.definitions());
    }
    variables.put("add_generation_prompt", beginAnswer);
    return new TokenizeRequest(Conversations.messages(fields), variables, tools, strings);
  }

  private static Input ids(Fields fields) throws ApiException {
    JsonNode tokens = fields.array("tokens");
    if (tokens.isMissingNode()) {
      throw fields.missing("tokens", "an array of token ids");
    }
    if (tokens.isEmpty()) {
      return new Input.Tokens(new int[0]);
    }
    ObjectNode asPrompt = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    asPrompt.set("prompt", tokens);
    Input first = Conversations.prompts(new Fields(asPrompt, "")).getFirst();
    if (!(first instanceof Input.Tokens)) {
      throw fields.wrong("tokens", tokens, "token ids");
    }
    return first;
  }
}
