package io.baton.gateway.api;

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
    Parameter.of("response_format", Kind.OBJECT, "text, json_object or json_schema."),
    Parameter.of("regex", Kind.STRING, "Extension; the whole answer matches this expression."),
    Parameter.ignored("user", Kind.STRING, "Without effect."),
    Parameter.ignored("service_tier", Kind.STRING, "There is one tier."),
    Parameter.ignored("safety_identifier", Kind.STRING, "Without effect."),
    Parameter.ignored("prompt_cache_key", Kind.STRING, "Routing finds cached prefixes itself."),
    Parameter.ignored("prompt_cache_retention", Kind.STRING, "Caches keep what fits."),
    Parameter.refused("grammar", Kind.STRING, "Use `regex` or `response_format`."),
    Parameter.refused("guided_json", Kind.ANY, "Use `response_format`."),
    Parameter.refused("guided_regex", Kind.STRING, "Use `regex`."),
    Parameter.refused("guided_choice", Kind.ARRAY, "Use `regex`."),
    Parameter.refused("guided_grammar", Kind.STRING, "Use `regex` or `response_format`."),
    Parameter.refused("structured_outputs", Kind.OBJECT, "Use `response_format`."),
    Parameter.refused("prompt_logprobs", Kind.INTEGER, "Prompts are not scored."),
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
    Parameter.of("echo", Kind.BOOLEAN, "The prompt before the answer; not with `logprobs`."),
    Parameter.of("best_of", Kind.INTEGER, "Choices to make, of which `n` are shown.")
        .within(1, MOST_CHOICES),
    Parameter.refused("suffix", Kind.STRING, "Models of this gateway do not fill in."),
  };

  /** Of {@code /v1/chat/completions}. */
  public static final ParameterTable CHAT = ParameterTable.of(OPENAI_COMMON, CHAT_ONLY, SAMPLING);

  /** Of {@code /v1/completions}. */
  public static final ParameterTable COMPLETIONS =
      ParameterTable.of(OPENAI_COMMON, COMPLETIONS_ONLY, SAMPLING);

  private Parameters() {}
}
