package io.baton.gateway.relay;

import io.baton.gateway.api.ApiException;
import io.baton.gateway.fleet.FleetWorker;
import io.baton.gateway.fleet.Pool;
import io.baton.gateway.routing.RouteDesk;
import io.baton.gateway.routing.RouteWishes;
import io.baton.gateway.routing.RouteWishes.Way;
import io.baton.kvrouter.KvRouter;
import io.baton.kvrouter.LegChoice;
import io.baton.kvrouter.NoWorkerException;
import io.baton.kvrouter.Phase;
import io.baton.kvrouter.RouteReceipt;
import io.baton.kvrouter.RouteRequest;
import io.baton.kvrouter.RouterSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Chooses workers for one plan: one or a pair, by what the request asks, by what the pool has, and
 * by estimate. The same for a request that is run and for one that is only explained.
 */
final class LegRouter {
  private final RequestPlan plan;
  private final Pool pool;
  private final KvRouter router;
  private final RouteWishes wishes;
  private final RouterSettings settings;
  private final boolean conditional;
  private Optional<LegChoice> choice = Optional.empty();

  LegRouter(RequestPlan plan, RouteDesk desk) {
    this.plan = plan;
    this.pool = plan.pool();
    this.router = pool.router();
    this.wishes = plan.wishes();
    this.conditional = desk.rules().conditional();
    RouterSettings usual = router.settings();
    this.settings =
        wishes.temperature().isPresent()
            ? usual.withTemperature(wishes.temperature().getAsDouble())
            : usual;
  }

  /**
   * Who is to do it.
   *
   * @throws ApiException if the request names a worker that is not there
   */
  Way way() throws ApiException {
    if (wishes.way().isPresent()) {
      return wishes.way().get();
    }
    if (!wishes.worker().isEmpty() && roleOfPinned() == Phase.AGGREGATED) {
      return Way.AGGREGATED;
    }
    if (!pool.disaggregated()) {
      return Way.AGGREGATED;
    }
    return conditional && pool.builtInEngine() && alone() ? Way.DECODE : Way.DISAGGREGATED;
  }

  /** Whether a decode worker would be faster without a prefill worker. */
  private boolean alone() throws ApiException {
    try {
      LegChoice compared =
          router.compareLegs(request(Phase.PREFILL, ""), request(Phase.DECODE, ""), settings);
      plan.remember(compared.hashes());
      choice = Optional.of(compared);
      return compared.alone();
    } catch (NoWorkerException e) {
      return false;
    }
  }

  /** The two estimates, if they were compared. */
  Optional<LegChoice> choice() {
    return choice;
  }

  /**
   * Chooses and reserves. Workers that are full are better than none, since they may have room
   * before anybody else has; so are those that were ejected.
   *
   * @throws NoWorkerException if there is nobody
   * @throws ApiException if the request asks for what no worker of the pool is
   */
  RouteReceipt route(Phase phase, boolean alone, String kvLayout)
      throws NoWorkerException, ApiException {
    RouteRequest request = request(phase, kvLayout, alone);
    try {
      return router.route(request, settings);
    } catch (NoWorkerException e) {
      if (e.nothingMatches()) {
        throw nothingMatches();
      }
      if (e.allFull()) {
        return router.route(request.withEvenFull(), settings);
      }
      if (!pool.pardonAll()) {
        throw e;
      }
      return router.route(request.withEvenFull(), settings);
    }
  }

  /**
   * What would be chosen now, one receipt per leg.
   *
   * @throws NoWorkerException if there is nobody
   * @throws ApiException as {@link #route}
   */
  List<RouteReceipt> explain() throws NoWorkerException, ApiException {
    List<RouteReceipt> legs = new ArrayList<>(2);
    switch (way()) {
      case AGGREGATED -> legs.add(explain(Phase.AGGREGATED, false, ""));
      case DECODE -> legs.add(explain(Phase.DECODE, true, ""));
      case DISAGGREGATED -> {
        RouteReceipt prefill = explain(Phase.PREFILL, false, "");
        plan.remember(prefill.hashes());
        legs.add(prefill);
        String layout = pool.worker(prefill.chosen()).map(w -> w.card().getKvLayout()).orElse("");
        legs.add(explain(Phase.DECODE, false, layout));
      }
    }
    return legs;
  }

  private RouteReceipt explain(Phase phase, boolean alone, String kvLayout)
      throws NoWorkerException, ApiException {
    RouteRequest request = request(phase, kvLayout, alone);
    try {
      return router.explain(request, settings);
    } catch (NoWorkerException e) {
      if (e.nothingMatches()) {
        throw nothingMatches();
      }
      return router.explain(request.withEvenFull(), settings);
    }
  }

  private RouteRequest request(Phase phase, String kvLayout, boolean alone) throws ApiException {
    RouteRequest request = request(phase, kvLayout);
    return alone ? request.withAlone() : request;
  }

  private RouteRequest request(Phase phase, String kvLayout) throws ApiException {
    // Of a pair, a pin concerns the leg that the named worker takes.
    boolean pinned = !wishes.worker().isEmpty() && roleOfPinned() == phase;
    return plan.routeRequest(phase, kvLayout, pinned ? wishes.worker() : "");
  }

  private Phase roleOfPinned() throws ApiException {
    return pool.workers().stream()
        .filter(worker -> worker.id().equals(wishes.worker()))
        .findFirst()
        .map(FleetWorker::phase)
        .orElseThrow(this::nothingMatches);
  }

  private ApiException nothingMatches() {
    boolean unknown =
        pool.workers().stream().noneMatch(worker -> worker.id().equals(wishes.worker()));
    if (!wishes.worker().isEmpty() && unknown) {
      String known =
          pool.workers().stream().map(FleetWorker::id).sorted().collect(Collectors.joining(", "));
      return ApiException.invalid(
          RouteWishes.WORKER,
          "%s: %s (expected: a worker of pool %s: %s)"
              .formatted(RouteWishes.WORKER, wishes.worker(), pool.name(), known));
    }
    return ApiException.invalid(
        RouteWishes.LABELS,
        "No worker of pool %s is what this request asks for (%s: %s; %s: %s). Ask for less."
            .formatted(
                pool.name(),
                RouteWishes.WORKER,
                wishes.worker().isEmpty() ? "any" : wishes.worker(),
                RouteWishes.LABELS,
                wishes.labels().isEmpty() ? "any" : wishes.labels()));
  }
}
