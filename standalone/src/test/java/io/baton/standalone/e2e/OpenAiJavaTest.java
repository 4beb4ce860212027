package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import io.baton.gateway.auth.KeyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Code written with OpenAI's Java client works as it is. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenAiJavaTest {
  private static final String QUESTION = "What is the capital of France?";
  private static final Map<String, Object> WEATHER =
      Map.of(
          "type",
          "object",
          "properties",
          Map.of("city", Map.of("type", "string", "maxLength", 12)),
          "required",
          List.of("city"),
          "additionalProperties",
          false);

  private TestFleet fleet;
  private OpenAIClient client;
  private OpenAIClient limited;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    KeyFile.NewKey key = KeyFile.create("java", false);
    KeyFile.NewKey scarce = KeyFile.create("scarce", false);
    Path keys = folder.resolve("keys.yaml");
    String line = scarce.line().replace("}", ", requests_per_minute: 1}");
    Files.writeString(keys, "keys:\n" + key.line() + "\n" + line + "\n");
    String model = "path: '" + TestFleet.MODEL + "'";
    fleet =
        TestFleet.aggregated("cpu")
            .gatewaySet(
                "models=[{name: baton-demo, %s, tool_parser: hermes}, {name: unserved, %s}]"
                    .formatted(model, model))
            .gatewaySet("auth.keys_file=" + keys)
            .start();
    client = client(key.key());
    limited = client(scarce.key());
  }

  private OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl("http://127.0.0.1:" + fleet.port() + "/v1")
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  @AfterAll
  void stop() {
    client.close();
    limited.close();
    fleet.close();
  }

  private static ChatCompletionCreateParams.Builder ask() {
    return ChatCompletionCreateParams.builder()
        .model("baton-demo")
        .addUserMessage(QUESTION)
        .temperature(0)
        .maxCompletionTokens(16);
  }

  private ChatCompletion chat(ChatCompletionCreateParams.Builder asked) {
    return client.chat().completions().create(asked.build());
  }

  private static String text(ChatCompletion answer) {
    return answer.choices().getFirst().message().content().orElseThrow();
  }

  private ChatCompletion streamed(ChatCompletionCreateParams.Builder asked) {
    var whole = ChatCompletionAccumulator.create();
    try (var chunks = client.chat().completions().createStreaming(asked.build())) {
      chunks.stream().forEach(whole::accumulate);
    }
    return whole.chatCompletion();
  }

  @Test
  void chatIsAnsweredWholeAndStreamedWithUsage() {
    ChatCompletion whole = chat(ask());
    ChatCompletion streamed =
        streamed(
            ask().streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build()));

    assertThat(text(whole)).contains("Paris");
    assertThat(text(streamed)).isEqualTo(text(whole));
    assertThat(streamed.usage().orElseThrow().totalTokens())
        .isEqualTo(whole.usage().orElseThrow().totalTokens())
        .isPositive();
    assertThat(whole.isValid()).as("every member has its declared type").isTrue();
  }

  @Test
  void choicesLogprobsAndStopStringsComeAsAsked() {
    ChatCompletion answer = chat(ask().n(2).logprobs(true).topLogprobs(2));
    assertThat(answer.choices()).hasSize(2);
    var tokens = answer.choices().getFirst().logprobs().orElseThrow().content().orElseThrow();
    var joined = new StringBuilder();
    tokens.forEach(token -> joined.append(token.token()));
    assertThat(joined).hasToString(text(answer));
    assertThat(tokens).allMatch(token -> token.topLogprobs().size() == 2 && token.logprob() <= 0);

    String stop = text(answer).substring(5, 9);
    assertThat(text(chat(ask().stop(stop))))
        .isEqualTo(text(answer).substring(0, text(answer).indexOf(stop)));
  }

  private static ChatCompletionCreateParams.Builder forced() {
    var parameters = FunctionParameters.builder();
    WEATHER.forEach((name, value) -> parameters.putAdditionalProperty(name, JsonValue.from(value)));
    return ask()
        .maxCompletionTokens(200)
        .parallelToolCalls(false)
        .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
        .addFunctionTool(
            FunctionDefinition.builder()
                .name("get_weather")
                .parameters(parameters.build())
                .build());
  }

  private static ChatCompletionMessageFunctionToolCall call(ChatCompletion answer) {
    return answer.choices().getFirst().message().toolCalls().orElseThrow().getFirst().asFunction();
  }

  @Test
  void aRequiredCallIsMadeWholeAndStreamed() {
    ChatCompletion whole = chat(forced());
    ChatCompletion streamed = streamed(forced());

    assertThat(whole.choices().getFirst().finishReason())
        .isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
    JsonNode arguments = Client.json(call(whole).function().arguments());
    assertThat(arguments.get("city").isTextual()).isTrue();
    assertThat(call(streamed).function()).isEqualTo(call(whole).function());
  }

  @Test
  void anAnswerFollowsItsSchema() {
    var schema = ResponseFormatJsonSchema.JsonSchema.Schema.builder();
    WEATHER.forEach((name, value) -> schema.putAdditionalProperty(name, JsonValue.from(value)));
    var format =
        ResponseFormatJsonSchema.builder()
            .jsonSchema(
                ResponseFormatJsonSchema.JsonSchema.builder()
                    .name("place")
                    .strict(true)
                    .schema(schema.build())
                    .build())
            .build();

    JsonNode answer =
        Client.json(text(chat(ask().maxCompletionTokens(200).responseFormat(format))));

    assertThat(answer.size()).isEqualTo(1);
    assertThat(answer.get("city").asText().length()).isLessThanOrEqualTo(24);
  }

  @Test
  void responsesAndCompletionsSayTheSame() {
    var asked =
        ResponseCreateParams.builder()
            .model("baton-demo")
            .input(QUESTION)
            .temperature(0)
            .maxOutputTokens(16)
            .build();
    Response whole = client.responses().create(asked);
    var streamed = new StringBuilder();
    try (var events = client.responses().createStreaming(asked)) {
      events.stream()
          .forEach(event -> event.outputTextDelta().ifPresent(d -> streamed.append(d.delta())));
    }

    String text =
        whole
            .output()
            .getFirst()
            .message()
            .orElseThrow()
            .content()
            .getFirst()
            .asOutputText()
            .text();
    assertThat(text).contains("Paris").isEqualTo(streamed.toString());
    var completion =
        client
            .completions()
            .create(
                CompletionCreateParams.builder()
                    .model("baton-demo")
                    .prompt("Once upon")
                    .maxTokens(4)
                    .echo(true)
                    .logprobs(1)
                    .build());
    assertThat(completion.choices().getFirst().text()).startsWith("Once upon");
    assertThat(client.models().list().data()).anyMatch(model -> model.id().equals("baton-demo"));
  }

  private <T extends OpenAIServiceException> T error(Class<T> kind, Runnable call) {
    return catchThrowableOfType(kind, call::run);
  }

  @Test
  void everyErrorIsTheRightException() {
    var wrong = error(BadRequestException.class, () -> chat(ask().temperature(9)));
    var unknown = error(NotFoundException.class, () -> chat(ask().model("baton-dem")));
    var unserved = error(InternalServerException.class, () -> chat(ask().model("unserved")));
    OpenAIClient nobody = client("wrong");
    var stranger = error(UnauthorizedException.class, () -> nobody.models().list());
    nobody.close();
    var often =
        error(
            RateLimitException.class,
            () -> {
              for (int i = 0; i < 3; i++) {
                limited.chat().completions().create(ask().maxCompletionTokens(1).build());
              }
            });

    assertThat(wrong.param()).contains("temperature");
    assertThat(unknown.code()).contains("model_not_found");
    assertThat(unserved.code()).contains("service_unavailable");
    assertThat(unserved.statusCode()).isEqualTo(503);
    assertThat(stranger.code()).contains("invalid_api_key");
    assertThat(often.code()).contains("rate_limit_exceeded");
    assertThat(often.headers().values("retry-after")).isNotEmpty();
  }
}
