package io.baton.gateway.relay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.TokenizeRequest;
import io.baton.gateway.fleet.ServedModel;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Bodies of the endpoints that need a tokenizer but no engine. */
final class TextUtilities {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TextUtilities() {}

  static Buffer answer(
      Api api,
      TokenizeRequest request,
      ServedModel model,
      List<ReadPrompt> prompts,
      int maxContext) {
    ObjectNode body = JSON.createObjectNode();
    if (api == Api.COUNT_TOKENS) {
      body.put("input_tokens", prompts.getFirst().ids().length);
    } else if (api == Api.DETOKENIZE) {
      body.put("prompt", model.format().decode(prompts.getFirst().ids()));
    } else {
      int[] ids = prompts.getFirst().ids();
      body.put("count", ids.length).put("max_model_len", maxContext);
      var tokens = body.putArray("tokens");
      for (int id : ids) {
        tokens.add(id);
      }
      if (request.tokenStrings()) {
        var names = body.putArray("token_strs");
        for (int id : ids) {
          names.add(model.format().tokenName(id).orElse(""));
        }
      } else {
        body.putNull("token_strs");
      }
    }
    return Buffer.buffer(body.toString());
  }
}
