package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
  private static final List<String> KNOWN =
      List.of("port", "host", "max_body", "event_loops", "request_timeout");

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "prot, port",
    "Port, port",
    "hosts, host",
    "maxBody, max_body",
    "max-body, max_body",
    "eventloops, event_loops",
    "request_timeot, request_timeout",
    "colour, ''",
    "p, ''",
  })
  void whatWasProbablyMeant(String written, String meant) {
    assertThat(Nearest.to(written, KNOWN).orElse("")).isEqualTo(meant);
  }
}
