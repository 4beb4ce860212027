package io.baton.gateway.http;

import io.baton.gateway.api.JsonText;
import io.baton.gateway.fleet.Fleet;
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

  /** One model, with the pools behind it. */
  static Buffer one(ModelView model, Fleet fleet) {
    String pools =
        model.pools().stream()
            .map(pool -> StatusBody.pool(fleet, pool))
            .collect(Collectors.joining(","));
    String object = object(model);
    return Buffer.buffer(object.substring(0, object.length() - 1) + ",\"pools\":[" + pools + "]}");
  }

  /** {@code max_model_len} is vLLM's name for the same. */
  private static String object(ModelView model) {
    String context = model.contextWindow() == 0 ? "null" : Integer.toString(model.contextWindow());
    return "{\"id\":%s,\"object\":\"model\",\"created\":0,\"owned_by\":%s,\"context_window\":%s,\"max_model_len\":%s,\"ready\":%b}"
        .formatted(
            JsonText.quote(model.id()),
            JsonText.quote(model.owner()),
            context,
            context,
            model.ready());
  }
}
