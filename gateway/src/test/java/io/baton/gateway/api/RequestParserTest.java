package io.baton.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.GenerationRequest.Input;
import io.baton.proto.v1.Sampling;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestParserTest {
  private static final String CHAT = "{'model':'m','messages':[{'role':'user','content':'hi'}]%s}";

  /** In quotes that need no escaping here. */
  private static GenerationRequest parse(Api api, String body) throws ApiException {
    return RequestParser.parse(api, envelope(body), SamplingDefaults.OPENAI, false);
  }

  private static RequestParser.Envelope envelope(String body) throws ApiException {
    return RequestParser.open(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static GenerationRequest chat(String more) throws ApiException {
    return parse(Api.CHAT, CHAT.formatted(more));
  }

  @Test
  void theSmallestChatRequestHasOpenAisDefaults() throws Exception {
    GenerationRequest request = chat("");

    assertThat(request.model()).isEqualTo("m");
    assertThat(request.output().stream()).isFalse();
    assertThat(request.output().includeUsage()).isFalse();
    assertThat(request.maxTokens()).isEmpty();
    assertThat(request.stop()).isEmpty();
    assertThat(request.sampling().getTemperature()).isEqualTo(1);
    assertThat(request.sampling().getTopP()).isEqualTo(1);
    assertThat(request.sampling().getTopK()).isZero();
    assertThat(request.sampling().hasSeed()).isFalse();
    assertThat(request.inputs().getFirst())
        .isEqualTo(new Input.Messages(List.of(Map.of("role", "user", "content", "hi"))));
  }

  @Test
  void everyParameterIsRead() throws Exception {
    GenerationRequest request =
        chat(
            """
            ,'stream':true,'stream_options':{'include_usage':true},'max_completion_tokens':7,'max_tokens':9,
            'stop':['a','b'],'ignore_eos':true,'cache_salt':'s','temperature':0.5,'top_p':0.25,'top_k':3,
            'min_p':0.125,'seed':-1,'repetition_penalty':1.5,'presence_penalty':-2,'frequency_penalty':2,
            'min_tokens':4,'logit_bias':{'12':-100,'7':0.5},'n':1,'logprobs':false,'tools':[],
            'response_format':{'type':'text'},'user':'x','unknown':{'is':'ignored'}
            """);

    assertThat(request.output().stream()).isTrue();
    assertThat(request.output().includeUsage()).isTrue();
    assertThat(request.maxTokens()).hasValue(7);
    assertThat(request.stop()).containsExactly("a", "b");
    assertThat(request.ignoreEos()).isTrue();
    assertThat(request.cacheSalt()).isEqualTo("s");
    assertThat(request.sampling())
        .isEqualTo(
            Sampling.newBuilder()
                .setTemperature(0.5f)
                .setTopP(0.25f)
                .setTopK(3)
                .setMinP(0.125f)
                .setSeed(-1)
                .setRepetitionPenalty(1.5f)
                .setPresencePenalty(-2)
                .setFrequencyPenalty(2)
                .setMinTokens(4)
                .setTopLogprobs(-1)
                .putLogitBias(12, -100)
                .putLogitBias(7, 0.5f)
                .build());
  }

  @Test
  void whatTheModelsMakersRecommendCountsUnlessTheClientSaysOtherwise() throws Exception {
    var defaults = new SamplingDefaults(0.25, 0.5, 20);
    var silent =
        RequestParser.parse(Api.CHAT, envelope(CHAT.formatted("")), defaults, false).sampling();
    var outspoken =
        RequestParser.parse(
                Api.CHAT,
                envelope(CHAT.formatted(",'temperature':0,'top_p':1,'top_k':-1")),
                defaults,
                false)
            .sampling();

    assertThat(silent.getTemperature()).isEqualTo(0.25f);
    assertThat(silent.getTopP()).isEqualTo(0.5f);
    assertThat(silent.getTopK()).isEqualTo(20);
    assertThat(outspoken.getTemperature()).isZero();
    assertThat(outspoken.getTopP()).isEqualTo(1);
    assertThat(outspoken.getTopK()).isZero();
  }

  @Test
  void nullCountsAsAbsent() throws Exception {
    GenerationRequest request =
        chat(
            ",'stream':null,'stream_options':null,'max_tokens':null,'stop':null,'temperature':null,"
                + "'seed':null,'logit_bias':null,'n':null,'tools':null,'response_format':null");

    assertThat(request).isEqualTo(chat(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stream|1",
        "stream|\"yes\"",
        "ignore_eos|0",
        "cache_salt|3",
        "max_tokens|0",
        "max_tokens|-1",
        "max_tokens|1.5",
        "max_tokens|\"5\"",
        "max_tokens|3000000000",
        "max_completion_tokens|0",
        "max_completion_tokens|[]",
        "max_tokens|18446744073709551617",
        "stop|5",
        "stop|\"\"",
        "stop|[\"a\",\"\"]",
        "stop|[1]",
        "stop|[\"a\",\"b\",\"c\",\"d\",\"e\"]",
        "stop|{}",
        "temperature|-0.1",
        "temperature|2.1",
        "temperature|\"1\"",
        "temperature|true",
        "top_p|-1",
        "top_p|1.5",
        "top_k|-2",
        "top_k|1.5",
        "top_k|1000001",
        "min_p|2",
        "seed|1.5",
        "seed|\"1\"",
        "seed|92233720368547758080",
        "repetition_penalty|0",
        "repetition_penalty|11",
        "presence_penalty|-3",
        "frequency_penalty|2.5",
        "min_tokens|-1",
        "logit_bias|{\"a\":1}",
        "logit_bias|{\"1\":101}",
        "logit_bias|{\"1\":\"x\"}",
        "logit_bias|{\"-1\":1}",
        "logit_bias|5",
        "logit_bias|[1]",
        "n|0",
        "n|1.5",
        "n|129",
        "best_of|0",
        "best_of|3",
        "logprobs|2",
        "top_logprobs|5",
        "top_logprobs|21",
        "modalities|5",
        "stream_options|{\"include_usage\":true}"
      })
  void aBadParameterIsNamedWithItsValue(String name, String value) {
    ApiException error =
        catchThrowableOfType(ApiException.class, () -> chat(",'" + name + "':" + value));

    assertThat(error).as("%s: %s", name, value).isNotNull();
    assertThat(error.status()).isEqualTo(400);
    assertThat(error.type()).isEqualTo("invalid_request_error");
    assertThat(error.param()).isEqualTo(name);
    assertThat(error.text()).startsWith(name + ": ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5|stream_options",
        "[]|stream_options",
        "{\"include_usage\":1}|stream_options.include_usage"
      })
  void badStreamOptionsAreNamed(String options, String param) {
    assertThatThrownBy(() -> chat(",'stream':true,'stream_options':" + options))
        .isInstanceOfSatisfying(
            ApiException.class,
            error -> {
              assertThat(error.status()).isEqualTo(400);
              assertThat(error.param()).isEqualTo(param);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo|true",
        "functions|[{}]",
        "response_format|{\"type\":\"structural_tag\"}",
        "prompt_logprobs|1"
      })
  void whatIsNotDoneIsRefusedRatherThanIgnored(String name, String value) {
    assertThatThrownBy(() -> chat(",'" + name + "':" + value))
        .isInstanceOfSatisfying(
            ApiException.class,
            error -> {
              assertThat(error.status()).isEqualTo(400);
              assertThat(error.param()).isEqualTo(name);
              assertThat(error.code()).isEqualTo("unsupported_parameter");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'messages':[]}|model",
        "{'model':5}|model",
        "{'model':'m'}|messages",
        "{'model':'m','messages':[]}|messages",
        "{'model':'m','messages':'hi'}|messages",
        "{'model':'m','messages':['hi']}|messages[0]",
        "{'model':'m','messages':[{'content':'hi'}]}|messages[0].role",
        "{'model':'m','messages':[{'role':'user','content':'a'},{'role':1}]}|messages[1].role",
        "{'model':'m','messages':[{'role':'user','content':5}]}|messages[0].content",
        "{'model':'m','messages':[{'role':'user','content':[{'type':'image_url'}]}]}|messages[0].content[0]",
        "{'model':'m','messages':[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text'}]}]}|messages[0].content[1]",
        "{'model':'m','messages':[{'role':'user','content':['a']}]}|messages[0].content[0]"
      })
  void aBadConversationIsNamedToTheSpot(String body, String param) {
    assertThatThrownBy(() -> parse(Api.CHAT, body))
        .isInstanceOfSatisfying(
            ApiException.class,
            error -> {
              assertThat(error.status()).isEqualTo(400);
              assertThat(error.param()).isEqualTo(param);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "null",
        "[]",
        "5",
        "{}",
        "[-1]",
        "[1.5]",
        "[1,null]",
        "[3000000000]",
        "[\"a\",5]",
        "[[1,2],[]]",
        "[[1,\"a\"]]",
        "[1,\"a\"]"
      })
  void aBadPromptIsNamed(String prompt) {
    assertThatThrownBy(() -> parse(Api.COMPLETIONS, "{'model':'m','prompt':" + prompt + "}"))
        .isInstanceOfSatisfying(
            ApiException.class,
            error -> {
              assertThat(error.status()).isEqualTo(400);
              assertThat(error.param()).isEqualTo("prompt");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[]",
        "'x'",
        "5",
        "null",
        "{",
        "{'model':}",
        "{'model':'m'",
        "\u0000",
        "nonsense"
      })
  void whatIsNoJsonObjectIsSaidToBeNone(String body) {
    assertThatThrownBy(() -> envelope(body))
        .isInstanceOfSatisfying(
            ApiException.class,
            error -> {
              assertThat(error.status()).isEqualTo(400);
              assertThat(error.text()).contains("body");
            });
  }

  @Test
  void aLongBadValueIsNotRepeatedInFull() {
    assertThatThrownBy(() -> chat(",'temperature':'" + "x".repeat(10_000) + "'"))
        .isInstanceOfSatisfying(
            ApiException.class, error -> assertThat(error.text()).hasSizeLessThan(200));
  }

  @Test
  void textPartsAreJoinedAndMissingContentIsEmpty() throws Exception {
    GenerationRequest request =
        parse(
            Api.CHAT,
            "{'model':'m','messages':[{'role':'system','content':null},{'role':'assistant'},"
                + "{'role':'user','name':'n','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}]}");

    assertThat(request.inputs().getFirst())
        .isEqualTo(
            new Input.Messages(
                List.of(
                    Map.of("role", "system", "content", ""),
                    Map.of("role", "assistant", "content", ""),
                    Map.of("role", "user", "name", "n", "content", "ab"))));
  }

  @Test
  void completionsTakeTextOrTokensAndAreShortByDefault() throws Exception {
    GenerationRequest text = parse(Api.COMPLETIONS, "{'model':'m','prompt':'once','stop':'.'}");
    GenerationRequest tokens =
        parse(Api.COMPLETIONS, "{'model':'m','prompt':[5,6],'max_tokens':3}");

    assertThat(text.inputs().getFirst()).isEqualTo(new Input.Text("once"));
    assertThat(text.maxTokens()).hasValue(16);
    assertThat(text.stop()).containsExactly(".");
    assertThat(((Input.Tokens) tokens.inputs().getFirst()).ids()).containsExactly(5, 6);
    assertThat(tokens.maxTokens()).hasValue(3);
  }

  @Test
  void aListOfPromptsIsAsManyInputs() throws Exception {
    GenerationRequest texts = parse(Api.COMPLETIONS, "{'model':'m','prompt':['a','b'],'n':2}");
    GenerationRequest tokens = parse(Api.COMPLETIONS, "{'model':'m','prompt':[[1,2],[3]]}");

    assertThat(texts.inputs()).containsExactly(new Input.Text("a"), new Input.Text("b"));
    assertThat(texts.choices()).isEqualTo(4);
    assertThat(((Input.Tokens) tokens.inputs().get(1)).ids()).containsExactly(3);
  }

  @Test
  void whatIsRefusedOnCompletionsIsNamed() {
    assertThatThrownBy(() -> parse(Api.COMPLETIONS, "{'model':'m','prompt':'a','suffix':'b'}"))
        .isInstanceOfSatisfying(
            ApiException.class, error -> assertThat(error.param()).isEqualTo("suffix"));
    assertThatThrownBy(
            () -> parse(Api.COMPLETIONS, "{'model':'m','prompt':'a','best_of':3,'stream':true}"))
        .isInstanceOfSatisfying(
            ApiException.class, error -> assertThat(error.param()).isEqualTo("best_of"));
  }

  @Test
  void unknownParametersAreIgnoredOrRefusedAsTheGatewayIsTold() throws Exception {
    var envelope = envelope(CHAT.formatted(",'frobnicate':1"));

    assertThat(RequestParser.parse(Api.CHAT, envelope, SamplingDefaults.OPENAI, false)).isNotNull();
    assertThatThrownBy(() -> RequestParser.parse(Api.CHAT, envelope, SamplingDefaults.OPENAI, true))
        .isInstanceOfSatisfying(
            ApiException.class, error -> assertThat(error.param()).isEqualTo("frobnicate"));
  }

  static IntStream seeds() {
    return IntStream.range(0, 300);
  }

  /** Whatever a client sends: an answer or an error for it, never a defect of ours. */
  @ParameterizedTest
  @MethodSource("seeds")
  void noBodyCanThrowAnythingElse(int seed) {
    var random = new SplittableRandom(seed);
    String valid =
        CHAT.formatted(
            ",'stop':['a'],'stream':true,'stream_options':{},'logit_bias':{'1':2},'seed':3");
    byte[] body = valid.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    for (int changes = random.nextInt(1, 6); changes > 0; changes--) {
      String letters = "{}[]\",:0129.-etnull\\\u0001 ";
      body[random.nextInt(body.length)] = (byte) letters.charAt(random.nextInt(letters.length()));
    }
    try {
      var envelope = RequestParser.open(body);
      RequestParser.parse(Api.CHAT, envelope, SamplingDefaults.OPENAI, false);
    } catch (ApiException e) {
      assertThat(e.status()).isEqualTo(400);
    }
  }
}
