package io.baton.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.Parameter.Kind;
import io.baton.gateway.api.Parameter.Treatment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is declared of a parameter is what the parsers do, and what the documents say. */
class ParametersTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Arguments> parameters() {
    return Stream.of(Api.values())
        .flatMap(api -> Parameters.of(api).all().stream().map(p -> Arguments.of(api, p)));
  }

  private static ObjectNode smallest(Api api) {
    ObjectNode body = JSON.createObjectNode().put("model", "m");
    switch (api) {
      case COMPLETIONS, TOKENIZE -> body.put("prompt", "x");
      case RESPONSES -> body.put("input", "x");
      case DETOKENIZE -> body.putArray("tokens").add(1);
      default ->
          body.put("max_tokens", 5)
              .putArray("messages")
              .addObject()
              .put("role", "user")
              .put("content", "x");
    }
    return body;
  }

  /** Of what is only passed on, the envelope is all that the gateway reads. */
  private static void parse(Api api, ObjectNode body) throws ApiException {
    var envelope = RequestParser.open(body.toString().getBytes(StandardCharsets.UTF_8));
    if (api.generates()) {
      RequestParser.parse(api, envelope, SamplingDefaults.OPENAI, true);
    } else if (!api.onlyPassedOn()) {
      TokenizeRequest.parse(api, envelope, true);
    }
  }

  private static ApiException refusal(Api api, String name, JsonNode value) {
    ObjectNode body = smallest(api);
    body.set(name, value);
    return catchThrowableOfType(ApiException.class, () -> parse(api, body));
  }

  /** A value of a type that the parameter is not. */
  private static JsonNode wrong(Kind kind) {
    return switch (kind) {
      case STRING, ARRAY, OBJECT, STRING_OR_ARRAY, STRING_OR_OBJECT ->
          JSON.getNodeFactory().numberNode(7);
      default -> JSON.getNodeFactory().textNode("wrong");
    };
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void aParameterIsTreatedAsDeclared(Api api, Parameter parameter) throws Exception {
    parse(api, smallest(api));
    ApiException error = refusal(api, parameter.name(), wrong(parameter.kind()));

    if (parameter.treatment() == Treatment.IGNORED) {
      assertThat(error).as("ignored: %s", parameter.name()).isNull();
    } else {
      assertThat(error).as("%s of a wrong type", parameter.name()).isNotNull();
      assertThat(error.status()).isEqualTo(400);
      assertThat(error.param()).startsWith(parameter.name());
    }
    if (parameter.treatment() == Treatment.REFUSED) {
      assertThat(error.code()).isEqualTo("unsupported_parameter");
      assertThat(refusal(api, parameter.name(), JSON.nullNode())).isNull();
    }
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void aBoundIsWhatIsRefusedBeyondIt(Api api, Parameter parameter) {
    if (!Double.isNaN(parameter.max()) && parameter.max() < Integer.MAX_VALUE) {
      JsonNode beyond = JSON.getNodeFactory().numberNode((long) Math.floor(parameter.max()) + 1);
      assertThat(refusal(api, parameter.name(), beyond).param()).isEqualTo(parameter.name());
    }
  }

  @Test
  void theDocumentHasEveryParameterWithItsTreatment() throws IOException {
    JsonNode document = JSON.readTree(OpenApi.document().getBytes());

    parameters()
        .forEach(arguments -> {
          var api = (Api) arguments.get()[0];
          var parameter = (Parameter) arguments.get()[1];
          JsonNode shown =
              document
                  .path("paths")
                  .path(api.path())
                  .at("/post/requestBody/content/application~1json/schema/properties")
                  .path(parameter.name());
          assertThat(shown.path("x-baton-treatment").asText())
              .as(api + " " + parameter.name())
              .isEqualToIgnoringCase(parameter.treatment().name());
        });
  }

  @Test
  void thePageHasEveryParameterWithItsTreatment() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "api.md"));

    parameters()
        .forEach(arguments -> {
          var parameter = (Parameter) arguments.get()[1];
          String word = parameter.treatment().name().toLowerCase(java.util.Locale.ROOT);
          assertThat(page.lines())
              .as(parameter.name())
              .anyMatch(line ->
                  line.startsWith("| `" + parameter.name() + "` |")
                      && line.contains("| " + word + " |")
                      && line.contains(parameter.note()));
        });
  }
}
