package io.baton.bridge.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.bridge.EngineCard;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.OpenAiEngine.OpenAiRequest;
import io.baton.bridge.server.ControlClient;
import io.baton.bridge.server.Dialect;
import io.baton.bridge.server.ServerFacts;
import io.baton.bridge.server.ServerFacts.Tracing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Any server of OpenAI's API, of which nothing else is assumed. */
public final class PlainDialect implements Dialect {
  @Override
  public ServerFacts probe(ControlClient control) throws IOException {
    JsonNode models = control.json("/v1/models");
    var card =
        new EngineCard(
            "openai",
            "1",
            EngineCard.Role.AGGREGATED,
            names(models),
            1,
            0,
            0,
            0,
            control.server().maxRequests(),
            false,
            "",
            List.of(),
            Optional.empty());
    return new ServerFacts(card, List.of(), Tracing.UNKNOWN);
  }

  /** The names in an answer of {@code /v1/models}. */
  public static List<String> names(JsonNode models) {
    var names = new ArrayList<String>();
    models.path("data").forEach(model -> names.add(model.path("id").asText()));
    return List.copyOf(names);
  }

  /** Longest prompt plus answer in an answer of {@code /v1/models}; 0 if it does not say. */
  public static int maxContext(JsonNode models) {
    return models.path("data").path(0).path("max_model_len").asInt(0);
  }

  @Override
  public List<EngineLoad> load(ControlClient control, ServerFacts facts) {
    return List.of();
  }

  @Override
  public byte[] body(OpenAiRequest request, String rid, ServerFacts facts) {
    var edit = new JsonEdit();
    EngineBodies.nameModel(request, facts.card().models(), edit);
    return edit.apply(request.body());
  }

  @Override
  public boolean asksForUsage() {
    return false;
  }

  @Override
  public void abort(ControlClient control, String rid) {
    // Closing the socket is all there is.
  }
}
