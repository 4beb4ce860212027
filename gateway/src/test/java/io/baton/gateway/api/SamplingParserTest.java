package io.baton.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.proto.v1.Sampling;
import org.junit.jupiter.api.Test;

class SamplingParserTest {
  private static Sampling parse(String json) throws Exception {
    return SamplingParser.parse(
        new Fields(new ObjectMapper().readTree(json), Parameters.CHAT), SamplingDefaults.OPENAI);
  }

  @Test
  void aNucleusOfNothingIsTheBestTokenAndNotAllTokens() throws Exception {
    assertThat(parse("{\"top_p\": 0, \"top_k\": 50}").getTopK()).isEqualTo(1);
    assertThat(parse("{\"top_p\": 0.5, \"top_k\": 50}").getTopK()).isEqualTo(50);
  }

  @Test
  void aTopKOfMinusOneIsOff() throws Exception {
    assertThat(parse("{\"top_k\": -1}").getTopK()).isZero();
  }
}
