package io.baton.gateway.api;

import io.baton.gateway.api.GenerationRequest.Api;
import java.util.Arrays;

/**
 * Whatever a client sends is read, or refused in words that tell nothing of the inside. First byte:
 * the endpoint; the rest is the body.
 */
public final class RequestFuzz {
  private RequestFuzz() {}

  /** Jazzer's entry. */
  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length < 2) {
      return;
    }
    Api api = Api.values()[(data[0] & 0xFF) % Api.values().length];
    try {
      var envelope = RequestParser.open(Arrays.copyOfRange(data, 1, data.length));
      RequestParser.templateVariables(api, envelope);
      if (api.generates()) {
        RequestParser.parse(api, envelope, SamplingDefaults.OPENAI, data[0] < 0);
      } else {
        TokenizeRequest.parse(api, envelope, data[0] < 0);
      }
    } catch (ApiException e) {
      if (e.status() >= 500 || e.text().isBlank() || e.text().contains("Exception")) {
        throw new AssertionError("not a client's error: " + e.text(), e);
      }
    }
  }
}
