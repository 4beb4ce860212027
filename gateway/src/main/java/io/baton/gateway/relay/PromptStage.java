package io.baton.gateway.relay;

import io.baton.gateway.api.ApiException;
import io.baton.gateway.api.GenerationRequest;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.GenerationRequest.Input;
import io.baton.gateway.api.RequestParser;
import io.baton.gateway.api.RequestParser.Envelope;
import io.baton.gateway.api.TokenizeRequest;
import io.baton.gateway.fleet.ServedModel;
import io.baton.prompt.template.RenderedPrompt;
import io.baton.prompt.template.TemplateException;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.slices.TraceClock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * From a request's input to token ids: template, then tokenizer, off the event loop if it is long.
 */
final class PromptStage {
  /** Up to here tokenizing takes less time than a change of threads and back is worth. */
  private static final int INLINE_BYTES = 2048;

  private static final String DEVELOPER = "developer";

  /** What was done when; spans are made of it afterwards, on the request's own context. */
  private record Step(String name, long startNanos, long endNanos) {}

  private record Prompt(ReadPrompt read, List<Step> steps) {}

  private PromptStage() {}

  /** Variables that the chat template is given. */
  private record Given(Map<String, Object> variables) {}

  /** Renders and tokenizes for a client that wants to see tokens. */
  static Future<ReadPrompt> inspect(
      Relay relay, SpanDraft root, ServedModel model, TokenizeRequest request, int bodyBytes) {
    Given given = new Given(request.variables());
    return run(relay, root, model, request.input(), given, bodyBytes);
  }

  /**
   * Renders and tokenizes the inputs of a request, in order.
   *
   * @param bodyBytes size of the request, by which it is decided where the work is done
   */
  static Future<List<ReadPrompt>> runAll(
      Relay relay, SpanDraft root, ServedModel model, GenerationRequest request, int bodyBytes) {
    Given given = new Given(request.templateVariables());
    return Future.all(
            request.inputs().stream()
                .map(input -> run(relay, root, model, input, given, bodyBytes))
                .toList())
        .map(all -> all.<ReadPrompt>list());
  }

  /** The same at once, on the calling thread, without spans. */
  static int[] tokens(ServedModel model, Input input, Map<String, Object> variables)
      throws ApiException {
    return prompt(model, input, new Given(variables)).read().ids();
  }

  private static Future<ReadPrompt> run(
      Relay relay, SpanDraft root, ServedModel model, Input input, Given given, int bodyBytes) {
    return work(relay.vertx(), bodyBytes, () -> prompt(model, input, given))
        .map(prompt -> {
          prompt.steps().forEach(s -> root.closedChild(s.name(), s.startNanos(), s.endNanos()));
          return prompt.read();
        });
  }

  /** For routing only: what cannot be tokenized is routed by load, and counted. */
  static Future<int[]> forRouting(
      Relay relay, SpanDraft root, Api api, Envelope envelope, Optional<ServedModel> model) {
    if (model.isEmpty() || api.onlyPassedOn()) {
      return Future.succeededFuture(new int[0]);
    }
    Input input;
    Given given;
    try {
      input = RequestParser.input(api, envelope);
      given = new Given(RequestParser.templateVariables(api, envelope));
    } catch (ApiException e) {
      relay.metrics().untokenized(model.get().name());
      return Future.succeededFuture(new int[0]);
    }
    return run(relay, root, model.get(), input, given, envelope.body().length)
        .recover(e -> {
          relay.metrics().untokenized(model.get().name());
          return Future.succeededFuture(ReadPrompt.NONE);
        })
        .map(ReadPrompt::ids);
  }

  private static Future<Prompt> work(Vertx vertx, int bodyBytes, Callable<Prompt> work) {
    if (bodyBytes > INLINE_BYTES) {
      return vertx.executeBlocking(work, false).map(Objects::requireNonNull);
    }
    try {
      return Future.succeededFuture(work.call());
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  private static Prompt prompt(ServedModel model, Input input, Given given) throws ApiException {
    return switch (input) {
      case Input.Tokens tokens ->
          new Prompt(new ReadPrompt(checked(tokens.ids(), model), false), List.of());
      case Input.Text text -> raw(model, text.text());
      case Input.Exact text -> exact(model, text.text());
      case Input.Messages messages -> chat(model, messages, given);
    };
  }

  private static Prompt exact(ServedModel model, String text) {
    long start = TraceClock.now();
    var whole = new RenderedPrompt(List.of(new RenderedPrompt.Segment(text, true)));
    return new Prompt(
        new ReadPrompt(model.format().encode(whole), false),
        List.of(new Step(SpanNames.PROMPT_TOKENIZE, start, TraceClock.now())));
  }

  private static Prompt raw(ServedModel model, String text) throws ApiException {
    long start = TraceClock.now();
    int[] ids = model.format().encodeRaw(text);
    if (ids.length == 0) {
      throw ApiException.invalid("prompt", "prompt: no tokens in it (expected: some text)");
    }
    return new Prompt(
        new ReadPrompt(ids, false),
        List.of(new Step(SpanNames.PROMPT_TOKENIZE, start, TraceClock.now())));
  }

  private static Prompt chat(ServedModel model, Input.Messages messages, Given given)
      throws ApiException {
    long start = TraceClock.now();
    RenderedPrompt rendered;
    try {
      rendered = model.format().render(roles(model, messages.messages()), given.variables());
    } catch (TemplateException e) {
      throw ApiException.invalid(
          "messages", "The model's chat template refuses this: " + e.getMessage());
    }
    long between = TraceClock.now();
    int[] ids = model.format().encode(rendered);
    return new Prompt(
        new ReadPrompt(ids, model.reasoningFamily().opened(rendered.text())),
        List.of(
            new Step(SpanNames.PROMPT_RENDER, start, between),
            new Step(SpanNames.PROMPT_TOKENIZE, between, TraceClock.now())));
  }

  /** Templates from before the developer role existed know it as the system's. */
  private static List<Map<String, Object>> roles(
      ServedModel model, List<Map<String, Object>> messages) {
    if (model.format().templateSource().contains("developer")
        || messages.stream().noneMatch(m -> DEVELOPER.equals(m.get("role")))) {
      return messages;
    }
    var renamed = new ArrayList<Map<String, Object>>(messages.size());
    for (Map<String, Object> message : messages) {
      var copy = new LinkedHashMap<>(message);
      copy.computeIfPresent("role", (k, role) -> DEVELOPER.equals(role) ? "system" : role);
      renamed.add(copy);
    }
    return renamed;
  }

  private static int[] checked(int[] ids, ServedModel model) throws ApiException {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] >= model.format().vocabularySize()) {
        throw ApiException.invalid(
            "prompt",
            "prompt[%d]: %d (expected: a token id below %d)"
                .formatted(i, ids[i], model.format().vocabularySize()));
      }
    }
    return ids;
  }
}
