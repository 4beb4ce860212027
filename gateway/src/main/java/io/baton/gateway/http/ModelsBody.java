package io.baton.gateway.http;

import io.baton.gateway.api.JsonText;
import io.vertx.core.buffer.Buffer;
import java.util.Collection;
import java.util.stream.Collectors;

/** OpenAI's model objects. */
final class ModelsBody {
  private ModelsBody() {}

  static Buffer list(Collection<String> models) {
    return Buffer.buffer(
        models.stream()
            .map(ModelsBody::object)
            .collect(Collectors.joining(",", "{\"object\":\"list\",\"data\":[", "]}")));
  }

  static Buffer one(String model) {
    return Buffer.buffer(object(model));
  }

  private static String object(String model) {
    return "{\"id\":"
        + JsonText.quote(model)
        + ",\"object\":\"model\",\"created\":0,\"owned_by\":\"baton\"}";
  }
}
