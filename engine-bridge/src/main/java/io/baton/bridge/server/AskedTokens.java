package io.baton.bridge.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.kvblocks.TokenProbes;
import io.baton.kvblocks.TokenProbes.Probe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks a server what tokens it makes of prompts, without generating anything. */
public final class AskedTokens {
  private static final ObjectMapper JSON = new ObjectMapper();

  private AskedTokens() {}

  /**
   * Digests of all of {@link TokenProbes}, by the server's own tokenizer and template. May wait.
   *
   * @param path of its route, of vLLM's shape; empty: it has none
   * @return empty if it has no such route; {@link TokenProbes#UNKNOWN} for what it refuses
   */
  public static List<Long> digests(ControlClient control, String path, List<String> models) {
    if (path.isEmpty() || models.isEmpty()) {
      return List.of();
    }
    var digests = new ArrayList<Long>();
    for (Probe probe : TokenProbes.all()) {
      digests.add(
          of(control, path, models.getFirst(), probe)
              .map(TokenProbes::digest)
              .orElse(TokenProbes.UNKNOWN));
    }
    return List.copyOf(digests);
  }

  /** The server's tokens of one prompt; empty if it does not say. */
  public static Optional<int[]> of(ControlClient control, String path, String model, Probe probe) {
    ObjectNode request = JSON.createObjectNode().put("model", model);
    if (probe.chat()) {
      request.set("messages", JSON.valueToTree(probe.messages()));
    } else {
      request.put("prompt", probe.text());
    }
    try {
      return control.post(path, request).map(AskedTokens::ids).filter(ids -> ids.length > 0);
    } catch (IOException e) {
      // Older servers fail at conversations here; nothing is known then.
      return Optional.empty();
    }
  }

  private static int[] ids(JsonNode answer) {
    JsonNode tokens = answer.path("tokens");
    int[] ids = new int[tokens.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = tokens.get(i).asInt();
    }
    return ids;
  }
}
