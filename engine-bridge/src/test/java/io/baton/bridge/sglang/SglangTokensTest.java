package io.baton.bridge.sglang;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.bridge.tokens.TokenDialect.Piece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Streams that repeat everything and streams that do not say the same. */
class SglangTokensTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** As SGLang 0.5.23 sent them. */
  private static final List<String> CUMULATIVE =
      List.of(
          "{\"output_ids\":[416],\"meta_info\":{\"finish_reason\":null,\"completion_tokens\":1,\"output_token_logprobs\":[[-1.5,416,null]],\"output_top_logprobs\":[[[-1.5,416,null],[-2.5,408,null]]]}}",
          "{\"output_ids\":[416,223],\"meta_info\":{\"finish_reason\":null,\"completion_tokens\":2,\"output_token_logprobs\":[[-1.5,416,null],[-0.5,223,null]],\"output_top_logprobs\":[[[-1.5,416,null],[-2.5,408,null]],[[-0.5,223,null],[-9.5,318,null]]]}}",
          "{\"output_ids\":[416,223,21,2],\"meta_info\":{\"finish_reason\":{\"type\":\"stop\",\"matched\":2},\"completion_tokens\":4,\"output_token_logprobs\":[[-1.5,416,null],[-0.5,223,null],[-0.25,21,null],[-0.125,2,null]],\"output_top_logprobs\":[[[-1.5,416,null]],[[-0.5,223,null]],[[-0.25,21,null]],[[-0.125,2,null]]]}}");

  private static final List<String> DELTA =
      List.of(
          "{\"output_ids\":[416],\"meta_info\":{\"finish_reason\":null,\"completion_tokens\":1,\"output_token_logprobs\":[[-1.5,416,null]],\"output_top_logprobs\":[[[-1.5,416,null],[-2.5,408,null]]]}}",
          "{\"output_ids\":[223],\"meta_info\":{\"finish_reason\":null,\"completion_tokens\":2,\"output_token_logprobs\":[[-0.5,223,null]],\"output_top_logprobs\":[[[-0.5,223,null],[-9.5,318,null]]]}}",
          "{\"output_ids\":[21,2],\"meta_info\":{\"finish_reason\":{\"type\":\"stop\",\"matched\":2},\"completion_tokens\":4,\"output_token_logprobs\":[[-0.25,21,null],[-0.125,2,null]],\"output_top_logprobs\":[[[-0.25,21,null]],[[-0.125,2,null]]]}}");

  @Test
  void eachTokenIsTakenOnceInBothFormsOfAStream() throws IOException {
    assertThat(read(CUMULATIVE)).isEqualTo(read(DELTA)).containsExactly(416, 223, 21, 2);
  }

  private static List<Integer> read(List<String> events) throws IOException {
    var dialect = new SglangTokens();
    var all = new ArrayList<Integer>();
    for (String text : events) {
      JsonNode event = JSON.readTree(text);
      Piece piece = dialect.read(event, all.size());
      assertThat(Objects.requireNonNull(piece.logprobs()).chosen()).hasSize(piece.ids().length);
      for (int id : piece.ids()) {
        all.add(id);
      }
      if (piece.end() != null) {
        assertThat(piece.end().stopToken()).isEqualTo(2);
      }
    }
    return all;
  }

  @Test
  void anAbortIsAnErrorWithItsMessage() throws IOException {
    JsonNode event =
        JSON.readTree(
            "{\"output_ids\":[],\"meta_info\":{\"completion_tokens\":0,\"finish_reason\":{\"type\":\"abort\",\"message\":\"KVTransferError\",\"status_code\":500}}}");
    assertThat(Objects.requireNonNull(new SglangTokens().read(event, 0).end()).error())
        .isEqualTo("KVTransferError");
  }
}
