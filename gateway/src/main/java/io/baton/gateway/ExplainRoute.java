package io.baton.gateway;

import io.baton.gateway.admin.AdminAnswer;
import io.baton.gateway.admin.AdminServer;
import io.baton.gateway.api.ApiException;
import io.baton.gateway.relay.RouteExplain;
import io.baton.gateway.routing.RouteWishes;
import java.util.Set;

/**
 * {@code POST /v1/route/explain} for operators: the body of a request, and as query parameters what
 * the headers of that name would ask, such as {@code ?x-baton-worker=w1}.
 */
final class ExplainRoute {
  static final String PATH = "/v1/route/explain";

  private final RouteExplain explain;

  ExplainRoute(RouteExplain explain) {
    this.explain = explain;
  }

  void addTo(AdminServer admin) {
    admin.route(
        Set.of("POST"),
        PATH,
        request -> {
          try {
            var wishes = RouteWishes.parse(name -> request.parameter(name).orElse(null));
            return AdminAnswer.json(explain.explain(request.body(), wishes));
          } catch (ApiException e) {
            return AdminAnswer.error(e.status(), e.text());
          }
        });
  }
}
