package io.baton.gateway.api;

import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.Parameter.Kind;

/** The one declaration of every endpoint's parameters. */
public final class Parameters {
  private static final int ANY_COUNT = Integer.MAX_VALUE;

  /** Most choices that a request may name; a gateway's own limit may be lower. */
  private static final int MOST_CHOICES = 128;

  private static final int MOST_TOP_LOGPROBS = 20;

  private static final Parameter[] SAMPLING = {
    Parameter.of("temperature", Kind.NUMBER, "0 takes the most probable token.").within(0, 2),
    Parameter.of("top_p", Kind.NUMBER, "Nucleus sampling.").within(0, 1),
    Parameter.of("top_k", Kind.INTEGER, "Extension; 0 and -1 are off.").within(-1, 1_000_000),
    Parameter.of("min_p", Kind.NUMBER, "Extension; relative to the best token.").within(0, 1),
    Parameter.of("seed", Kind.INTEGER, "Same seed, same answer; choice i uses seed + i."),
    Parameter.of("presence_penalty", Kind.NUMBER, "Against tokens that occurred.").within(-2, 2),
    Parameter.of("frequency_penalty", Kind.NUMBER, "By how often they occurred.").within(-2, 2),
    Parameter.of("repetition_penalty", Kind.NUMBER, "Extension; 1 is off.").within(0.01, 10),
    Parameter.of("min_tokens", Kind.INTEGER, "Extension; no end before.").within(0, ANY_COUNT),
    Parameter.of("logit_bias", Kind.OBJECT, "Token ids to numbers from -100 to 100."),
    Parameter.of("ignore_eos", Kind.BOOLEAN, "Extension; go on after the model's end token."),
    Parameter.of("cache_salt", Kind.STRING, "Extension; namespace of the prefix cache."),
  };

  private static final Parameter[] OPENAI_COMMON = {
    Parameter.of("model", Kind.STRING, "Name or alias of a model."),
    Parameter.of("stream", Kind.BOOLEAN, "Answer as server-sent events."),
    Parameter.of("stream_options", Kind.OBJECT, "`include_usage`; only with `stream`."),
    Parameter.of("max_tokens", Kind.INTEGER, "Most tokens per choice.").within(1, ANY_COUNT),
    Parameter.of("n", Kind.INTEGER, "Choices per prompt.").within(1, MOST_CHOICES),
    Parameter.of("stop", Kind.STRING_OR_ARRAY, "Up to 4 strings; never part of the answer."),
    Parameter.of("response_format", Kind.OBJECT, "`text`, `json_object` or `json_schema`."),
    Parameter.of("regex", Kind.STRING, "Extension; the whole answer matches it."),
    Parameter.ignored("user", Kind.STRING, "Without effect."),
    Parameter.ignored("service_tier", Kind.STRING, "There is one tier."),
    Parameter.ignored("safety_identifier", Kind.STRING, "Without effect."),
    Parameter.ignored("prompt_cache_key", Kind.STRING, "Routing finds cached prefixes itself."),
    Parameter.ignored("prompt_cache_retention", Kind.STRING, "Caches keep what fits."),
    Parameter.of("grammar", Kind.STRING, "Extension; only where the engine has a notation."),
    Parameter.refused("guided_json", Kind.ANY, "Use `response_format`."),
    Parameter.refused("guided_regex", Kind.STRING, "Use `regex`."),
    Parameter.refused("guided_choice", Kind.ARRAY, "Use `regex`."),
    Parameter.refused("guided_grammar", Kind.STRING, "Use `grammar`."),
    Parameter.refused("structured_outputs", Kind.OBJECT, "Use `response_format`."),
    Parameter.refused(
        "prompt_logprobs", Kind.INTEGER, "Use `echo` with `logprobs` on /v1/completions."),
  };

  private static final Parameter[] CHAT_ONLY = {
    Parameter.of("messages", Kind.ARRAY, "Roles system, developer, user, assistant, tool."),
    Parameter.of("max_completion_tokens", Kind.INTEGER, "Goes before `max_tokens`.")
        .within(1, ANY_COUNT),
    Parameter.of("logprobs", Kind.BOOLEAN, "Log-probabilities of the answer's tokens."),
    Parameter.of("top_logprobs", Kind.INTEGER, "Best tokens per place; needs `logprobs`.")
        .within(0, MOST_TOP_LOGPROBS),
    Parameter.of("tools", Kind.ARRAY, "Functions, rendered by the model's template."),
    Parameter.of("tool_choice", Kind.STRING_OR_OBJECT, "none, auto, required or a function."),
    Parameter.of("parallel_tool_calls", Kind.BOOLEAN, "false: at most one call."),
    Parameter.of("reasoning_effort", Kind.STRING, "Given to the template; `none` switches it off."),
    Parameter.of("include_reasoning", Kind.BOOLEAN, "Extension; false leaves reasoning out."),
    Parameter.of("chat_template_kwargs", Kind.OBJECT, "Extension; variables of the template."),
    Parameter.ignored("metadata", Kind.OBJECT, "Nothing is stored."),
    Parameter.ignored("store", Kind.BOOLEAN, "Nothing is stored."),
    Parameter.ignored("verbosity", Kind.STRING, "Without effect."),
    Parameter.ignored("prediction", Kind.OBJECT, "Speculation needs no hint."),
    Parameter.refused("functions", Kind.ARRAY, "Use `tools`."),
    Parameter.refused("function_call", Kind.ANY, "Use `tool_choice`."),
    Parameter.refused("audio", Kind.OBJECT, "This model writes only text."),
    Parameter.refused("web_search_options", Kind.OBJECT, "There is no web search."),
    Parameter.refused("echo", Kind.BOOLEAN, "Only /v1/completions has it."),
    Parameter.of("modalities", Kind.ARRAY, "Only `text`."),
    Parameter.of("best_of", Kind.INTEGER, "Only 1; /v1/completions has more.").within(1, 1),
  };

  private static final Parameter[] COMPLETIONS_ONLY = {
    Parameter.of("prompt", Kind.STRING_OR_ARRAY, "Text, token ids, or a list of either."),
    Parameter.of("logprobs", Kind.INTEGER, "Best tokens per place.").within(0, MOST_TOP_LOGPROBS),
    Parameter.of("echo", Kind.BOOLEAN, "The prompt before the answer, with its `logprobs`."),
    Parameter.of("best_of", Kind.INTEGER, "Choices to make, of which `n` are shown.")
        .within(1, MOST_CHOICES),
    Parameter.refused("suffix", Kind.STRING, "Models of this gateway do not fill in."),
  };

  /** Of {@code /v1/chat/completions}. */
  public static final ParameterTable CHAT = ParameterTable.of(OPENAI_COMMON, CHAT_ONLY, SAMPLING);

  /** Of {@code /v1/completions}. */
  public static final ParameterTable COMPLETIONS =
      ParameterTable.of(OPENAI_COMMON, COMPLETIONS_ONLY, SAMPLING);

  private static final Parameter[] MESSAGES_ONLY = {
    Parameter.of("model", Kind.STRING, "Name or alias of a model."),
    Parameter.of("messages", Kind.ARRAY, "Roles user and assistant; text and tool blocks."),
    Parameter.of("system", Kind.STRING_OR_ARRAY, "System prompt; `cache_control` is ignored."),
    Parameter.of("max_tokens", Kind.INTEGER, "Required.").within(1, ANY_COUNT),
    Parameter.of("stop_sequences", Kind.ARRAY, "Up to 16 strings; never part of the answer."),
    Parameter.of("stream", Kind.BOOLEAN, "Answer as server-sent events."),
    Parameter.of("temperature", Kind.NUMBER, "0 takes the most probable token.").within(0, 1),
    Parameter.of("tools", Kind.ARRAY, "Custom tools, rendered by the model's template."),
    Parameter.of("tool_choice", Kind.OBJECT, "auto, any, tool or none."),
    Parameter.of("thinking", Kind.OBJECT, "enabled shows reasoning; the budget is ignored."),
    Parameter.ignored("metadata", Kind.OBJECT, "Without effect."),
    Parameter.ignored("service_tier", Kind.STRING, "There is one tier."),
    Parameter.refused("mcp_servers", Kind.ARRAY, "There are no server tools."),
    Parameter.refused("container", Kind.ANY, "There are no containers."),
  };

  private static final Parameter[] RESPONSES_ONLY = {
    Parameter.of("model", Kind.STRING, "Name or alias of a model."),
    Parameter.of("input", Kind.STRING_OR_ARRAY, "Text, or messages and function calls."),
    Parameter.of("instructions", Kind.STRING, "System prompt."),
    Parameter.of("max_output_tokens", Kind.INTEGER, "Most tokens.").within(1, ANY_COUNT),
    Parameter.of("stop", Kind.STRING_OR_ARRAY, "Extension; up to 4 strings."),
    Parameter.of("stream", Kind.BOOLEAN, "Answer as server-sent events."),
    Parameter.of("tools", Kind.ARRAY, "Functions, rendered by the model's template."),
    Parameter.of("tool_choice", Kind.STRING_OR_OBJECT, "none, auto, required or a function."),
    Parameter.of("parallel_tool_calls", Kind.BOOLEAN, "false: at most one call."),
    Parameter.of("reasoning", Kind.OBJECT, "`effort` is given to the template."),
    Parameter.of("metadata", Kind.OBJECT, "Repeated in the response."),
    Parameter.of("text", Kind.OBJECT, "`format`: text, json_object or json_schema."),
    Parameter.ignored("store", Kind.BOOLEAN, "Nothing is stored."),
    Parameter.ignored("user", Kind.STRING, "Without effect."),
    Parameter.ignored("include", Kind.ARRAY, "Without effect."),
    Parameter.ignored("truncation", Kind.STRING, "Nothing is truncated."),
    Parameter.ignored("stream_options", Kind.OBJECT, "Without effect."),
    Parameter.ignored("service_tier", Kind.STRING, "There is one tier."),
    Parameter.ignored("safety_identifier", Kind.STRING, "Without effect."),
    Parameter.ignored("prompt_cache_key", Kind.STRING, "Routing finds cached prefixes itself."),
    Parameter.refused("previous_response_id", Kind.STRING, "Send the whole conversation."),
    Parameter.refused("conversation", Kind.ANY, "Send the whole conversation."),
    Parameter.refused("background", Kind.BOOLEAN, "Responses are not stored."),
    Parameter.refused("prompt", Kind.OBJECT, "There are no stored prompts."),
    Parameter.refused("top_logprobs", Kind.INTEGER, "Use /v1/chat/completions."),
    Parameter.refused("max_tool_calls", Kind.INTEGER, "There are no built-in tools."),
  };

  private static final Parameter[] TOKENIZE_ONLY = {
    Parameter.of("model", Kind.STRING, "Name or alias of a model."),
    Parameter.of("prompt", Kind.STRING, "Text; or `messages`."),
    Parameter.of("messages", Kind.ARRAY, "A conversation, rendered by the model's template."),
    Parameter.of("add_special_tokens", Kind.BOOLEAN, "Those that the model expects in front."),
    Parameter.of("add_generation_prompt", Kind.BOOLEAN, "The beginning of the answer."),
    Parameter.of("return_token_strs", Kind.BOOLEAN, "Tokens as the vocabulary spells them."),
    Parameter.of("tools", Kind.ARRAY, "Functions, rendered by the model's template."),
    Parameter.of("chat_template_kwargs", Kind.OBJECT, "Variables of the template."),
    Parameter.refused("continue_final_message", Kind.BOOLEAN, "The last message is closed."),
    Parameter.refused("chat_template", Kind.STRING, "The model has its own."),
  };

  private static final Parameter[] DETOKENIZE_ONLY = {
    Parameter.of("model", Kind.STRING, "Name or alias of a model."),
    Parameter.of("tokens", Kind.ARRAY, "Token ids."),
  };

  private static final Parameter[] PASSED_ON_ONLY = {
    Parameter.of("model", Kind.STRING, "Name or alias of a model; the rest is the engine's."),
  };

  /** Of {@code /v1/messages}. */
  public static final ParameterTable MESSAGES = ParameterTable.of(SAMPLING, MESSAGES_ONLY);

  /** Of {@code /v1/responses}. */
  public static final ParameterTable RESPONSES = ParameterTable.of(SAMPLING, RESPONSES_ONLY);

  /** Of {@code /tokenize}. */
  public static final ParameterTable TOKENIZE = ParameterTable.of(TOKENIZE_ONLY);

  /** Of {@code /detokenize}. */
  public static final ParameterTable DETOKENIZE = ParameterTable.of(DETOKENIZE_ONLY);

  /** Of what only an engine can do. */
  public static final ParameterTable PASSED_ON = ParameterTable.of(PASSED_ON_ONLY);

  /** The table of an endpoint. */
  public static ParameterTable of(Api api) {
    return switch (api) {
      case CHAT -> CHAT;
      case COMPLETIONS -> COMPLETIONS;
      case MESSAGES, COUNT_TOKENS -> MESSAGES;
      case RESPONSES -> RESPONSES;
      case TOKENIZE -> TOKENIZE;
      case DETOKENIZE -> DETOKENIZE;
      case EMBEDDINGS, RERANK, SCORE -> PASSED_ON;
    };
  }

  private Parameters() {}
}
