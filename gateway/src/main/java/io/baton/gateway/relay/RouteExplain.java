package io.baton.gateway.relay;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.gateway.api.ApiException;
import io.baton.gateway.api.GenerationRequest;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.RequestParser;
import io.baton.gateway.api.RequestParser.Envelope;
import io.baton.gateway.fleet.Fleet;
import io.baton.gateway.fleet.Pool;
import io.baton.gateway.fleet.ServedModel;
import io.baton.gateway.routing.ReceiptJson;
import io.baton.gateway.routing.RouteWishes;
import io.baton.kvrouter.LegChoice;
import io.baton.kvrouter.NoWorkerException;
import io.baton.kvrouter.RouteReceipt;
import java.util.List;
import java.util.Optional;

/**
 * Says where a request would go and why, without running it: nothing is reserved, predicted,
 * counted or sent. Of several prompts or choices, the first is explained.
 */
public final class RouteExplain {
  private static final String REQUEST_ID = "explain";

  private final Relay relay;

  public RouteExplain(Relay relay) {
    this.relay = relay;
  }

  /**
   * The receipts as JSON. Renders and tokenizes; not for event loops.
   *
   * @param body as of a chat completion, or of a completion if it has a prompt
   * @throws ApiException if the request is wrong, or nobody can take it
   */
  public String explain(byte[] body, RouteWishes wishes) throws ApiException {
    Envelope envelope = RequestParser.open(body);
    Api api = envelope.root().has("messages") ? Api.CHAT : Api.COMPLETIONS;
    String served = relay.fleet().resolve(envelope.model());
    Pool pool =
        relay.fleet().poolFor(served).orElseThrow(() -> relay.fleet().refusal(envelope.model()));
    RequestPlan plan = plan(api, envelope, served, pool);
    plan.wish(wishes, served, "");
    var router = new LegRouter(plan, relay.routes());
    try {
      List<RouteReceipt> legs = router.explain();
      return json(envelope, pool, plan, legs, router.choice()).toString();
    } catch (NoWorkerException e) {
      throw ApiException.unavailable(
          "Nobody would take this request now: " + e.getMessage() + ".", 1);
    }
  }

  private RequestPlan plan(Api api, Envelope envelope, String served, Pool pool)
      throws ApiException {
    Optional<ServedModel> known = relay.fleet().served(served);
    if (!Fleet.takesTokens(pool)) {
      int[] tokens = known.isEmpty() ? new int[0] : tokens(api, envelope, known.get());
      return RequestPlan.ofBody(pool, REQUEST_ID, "", api, envelope, tokens);
    }
    ServedModel model = known.orElseThrow(() -> relay.fleet().refusal(envelope.model()));
    GenerationRequest request =
        RequestParser.parse(api, envelope, model.samplingDefaults(), relay.api().rejectUnknown());
    int[] tokens =
        PromptStage.tokens(model, request.inputs().getFirst(), request.templateVariables());
    return RequestPlan.ofTokens(pool, REQUEST_ID, "", request, tokens, pool.maxContext(), 0);
  }

  private static int[] tokens(Api api, Envelope envelope, ServedModel model) throws ApiException {
    return PromptStage.tokens(
        model, RequestParser.input(api, envelope), RequestParser.templateVariables(api, envelope));
  }

  private static ObjectNode json(
      Envelope envelope,
      Pool pool,
      RequestPlan plan,
      List<RouteReceipt> legs,
      Optional<LegChoice> choice) {
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("model", envelope.model())
            .put("pool", pool.name())
            .put("prompt_tokens", plan.promptTokens());
    choice.ifPresent(compared -> {
      ObjectNode estimates = json.putObject("estimates_ms");
      compared.apartMillis().ifPresent(millis -> estimates.put("disaggregated", millis));
      compared.aloneMillis().ifPresent(millis -> estimates.put("decode", millis));
    });
    ArrayNode all = json.putArray("legs");
    legs.forEach(leg -> all.add(ReceiptJson.whole(leg)));
    return json;
  }
}
