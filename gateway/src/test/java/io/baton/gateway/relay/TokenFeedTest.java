package io.baton.gateway.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.gateway.api.Answer;
import io.baton.gateway.api.ApiException;
import io.baton.gateway.api.Delta;
import io.baton.gateway.api.GenerationRequest;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.RequestParser;
import io.baton.gateway.fleet.ModelCatalog;
import io.baton.gateway.fleet.ServedModel;
import io.baton.prompt.reasoning.ReasoningFamily;
import io.baton.prompt.tools.ToolFamily;
import io.baton.proto.v1.FinishReason;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.Tokens;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From an engine's tokens to calls, reasoning and text, with a real tokenizer between. */
class TokenFeedTest {
  private static final String CHAT =
      "{'model':'m','messages':[{'role':'user','content':'hi'}],'tools':[{'type':'function','function':"
          + "{'name':'get_weather','parameters':{'type':'object'}}}]%s}";
  private static final String TRANSCRIPT =
      "<think>\nLook it up.\n</think>\n\nOne moment.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": "
          + "{\"city\": \"Zürich 🌧\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {}}\n"
          + "</tool_call>";

  private static ServedModel model;

  @BeforeAll
  static void load() throws IOException {
    Path folder = Path.of("..", "models", "baton-demo").toAbsolutePath().normalize();
    model =
        ModelCatalog.load(
                List.of(
                    new ModelCatalog.Entry(
                        "m",
                        folder,
                        Optional.of(ToolFamily.HERMES),
                        Optional.of(ReasoningFamily.THINK),
                        List.of("alias"),
                        "me")))
            .find("m")
            .orElseThrow();
  }

  /** Sends a text as an engine would, so many tokens at once. */
  private static Recorded answer(String more, String text, int perChunk) throws ApiException {
    byte[] body = CHAT.formatted(more).replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    GenerationRequest request =
        RequestParser.parse(Api.CHAT, RequestParser.open(body), model.samplingDefaults(), false);
    var choices = new TokenChoices(model, request, List.of(new ReadPrompt(new int[3], false)));
    var recorded = new Recorded();
    AnswerFeed feed = choices.feed(recorded, choices.all().getFirst());
    int[] ids = model.format().encodeRaw(text);
    for (int from = 0; from < ids.length && !feed.complete(); from += perChunk) {
      var tokens = Tokens.newBuilder();
      for (int i = from; i < Math.min(ids.length, from + perChunk); i++) {
        tokens.addIds(ids[i]);
      }
      feed.tokens(tokens.build());
    }
    feed.finish(Finished.newBuilder().setReason(FinishReason.FINISH_STOP).build());
    return recorded;
  }

  @Test
  void callsReasoningAndTextArriveInTheirOwnPlaces() throws ApiException {
    for (int perChunk : new int[] {1, 2, 3, 7, 1000}) {
      Recorded recorded = answer("", TRANSCRIPT, perChunk);

      assertThat(recorded.said)
          .as("%d tokens at once", perChunk)
          .containsExactly(
              "reasoning: Look it up.",
              "text: One moment.\n",
              "call 0: get_weather",
              "arguments 0: {\"city\": \"Zürich 🌧\"}",
              "call 1: get_weather",
              "arguments 1: {}");
      assertThat(recorded.ending.reason()).isEqualTo(Answer.Reason.TOOL_CALLS);
      assertThat(recorded.ending.usage().reasoningTokens())
          .isPositive()
          .isLessThan(recorded.ending.usage().completionTokens());
    }
  }

  @Test
  void withoutParallelCallsTheFirstOneEndsTheAnswer() throws ApiException {
    Recorded recorded = answer(",'parallel_tool_calls':false", TRANSCRIPT, 1);

    assertThat(recorded.said).filteredOn(line -> line.startsWith("call")).hasSize(1);
    assertThat(recorded.ending.reason()).isEqualTo(Answer.Reason.TOOL_CALLS);
  }

  @Test
  void withToolChoiceNoneACallIsText() throws ApiException {
    Recorded recorded = answer(",'tool_choice':'none','include_reasoning':false", TRANSCRIPT, 5);

    assertThat(recorded.said).hasSize(1);
    assertThat(recorded.said.getFirst()).startsWith("text: One moment.").contains("<tool_call>");
    assertThat(recorded.ending.reason()).isEqualTo(Answer.Reason.STOP);
  }

  /** Neighbouring pieces of one kind, joined. */
  private static final class Recorded implements Answer {
    final List<String> said = new ArrayList<>();
    Ending ending = new Ending(Reason.STOP, null, AnswerUsage.NONE);

    private void say(String kind, String text) {
      if (!said.isEmpty() && said.getLast().startsWith(kind)) {
        said.set(said.size() - 1, said.getLast() + text);
      } else {
        said.add(kind + text);
      }
    }

    @Override
    public void add(int choice, Delta delta) {
      switch (delta) {
        case Delta.Text piece -> say("text: ", piece.text());
        case Delta.Reasoning piece -> say("reasoning: ", piece.text());
        case Delta.CallBegin call -> said.add("call " + call.index() + ": " + call.name());
        case Delta.CallArguments piece -> say("arguments " + piece.index() + ": ", piece.json());
      }
    }

    @Override
    public void restart(int choice) {
      said.clear();
    }

    @Override
    public void end(int choice, Ending end) {
      ending = end;
    }

    @Override
    public void commit() {}

    @Override
    public Future<Void> finish() {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> fail(ApiException error) {
      return Future.failedFuture(error);
    }

    @Override
    public boolean committed() {
      return false;
    }

    @Override
    public int status() {
      return 200;
    }

    @Override
    public boolean backlogged() {
      return false;
    }

    @Override
    public void onWritable(Runnable callback) {
      callback.run();
    }
  }
}
