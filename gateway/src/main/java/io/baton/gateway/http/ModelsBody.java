package io.baton.gateway.http;

import io.baton.gateway.api.JsonText;
import io.baton.gateway.fleet.Fleet.ModelView;
import io.vertx.core.buffer.Buffer;
import java.util.Collection;
import java.util.stream.Collectors;

/** OpenAI's model objects. */
final class ModelsBody {
  private ModelsBody() {}

  static Buffer list(Collection<ModelView> models) {
    return Buffer.buffer(
        models.stream()
            .map(ModelsBody::object)
            .collect(Collectors.joining(",", "{\"object\":\"list\",\"data\":[", "]}")));
  }

  static Buffer one(ModelView model) {
    return Buffer.buffer(object(model));
  }

  /** {@code max_model_len} is vLLM's name for the same. */
  private static String object(ModelView model) {
    String context = model.contextWindow() == 0 ? "null" : Integer.toString(model.contextWindow());
    return "{\"id\":%s,\"object\":\"model\",\"created\":0,\"owned_by\":%s,\"context_window\":%s,\"max_model_len\":%s}"
        .formatted(JsonText.quote(model.id()), JsonText.quote(model.owner()), context, context);
  }
}
