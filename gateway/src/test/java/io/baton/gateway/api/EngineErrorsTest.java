package io.baton.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineErrorsTest {
  private static ApiException wrap(int status, String body) {
    return EngineErrors.wrap(status, body.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":{\"message\":\"too hot\",\"param\":\"temperature\",\"type\":\"BadRequestError\"}}",
        "{\"object\":\"error\",\"message\":\"too hot\",\"param\":\"temperature\",\"code\":400}"
      })
  void aClientsMistakeIsPassedOnWhateverItsForm(String body) {
    ApiException error = wrap(400, body);

    assertThat(error.status()).isEqualTo(400);
    assertThat(error.text()).isEqualTo("too hot");
    assertThat(error.param()).isEqualTo("temperature");
    assertThat(error.type()).isEqualTo("invalid_request_error");
    assertThat(ErrorBody.of(error).toString())
        .isEqualTo(
            "{\"error\":{\"message\":\"too hot\",\"type\":\"invalid_request_error\",\"param\":\"temperature\",\"code\":null}}");
  }

  @Test
  void theStatusIsTheEngines() {
    assertThat(wrap(422, "{\"message\":\"m\"}").status()).isEqualTo(422);
    assertThat(wrap(429, "{\"message\":\"m\"}").status()).isEqualTo(429);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>no</html>",
        "[]",
        "null",
        "{}",
        "{\"error\":\"text\"}",
        "{\"error\":{}}",
        "{"
      })
  void withoutAMessageTheStatusIsSaid(String body) {
    ApiException error = wrap(400, body);

    assertThat(error.status()).isEqualTo(400);
    assertThat(error.text()).isEqualTo("The engine refused the request with status 400.");
    assertThat(error.param()).isNull();
  }

  @Test
  void whatAnEngineSaysOfItselfStaysInside() {
    ApiException error = wrap(500, "{\"error\":{\"message\":\"CUDA error at /opt/secret.py:5\"}}");

    assertThat(error.status()).isEqualTo(502);
    assertThat(error.code()).isEqualTo("engine_error");
    assertThat(error.text()).contains("500").doesNotContain("secret");
  }
}
