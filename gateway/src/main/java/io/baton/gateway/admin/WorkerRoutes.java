package io.baton.gateway.admin;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.baton.gateway.fleet.Fleet;
import io.baton.gateway.fleet.FleetWorker;
import io.baton.gateway.fleet.Pool;
import io.baton.transport.GatewayTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Workers and pools for operators: what there is, cordon, uncordon, drain. The word goes to the
 * worker and comes back in its heartbeats, which every gateway obeys; an answer of 200 means that
 * it has come back here. Handlers wait, so they need threads that may.
 */
public final class WorkerRoutes {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long CONFIRM_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long SAY_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long DEFAULT_DRAIN_MILLIS = 60_000;
  private static final long MAX_DRAIN_MILLIS = 3_600_000;
  private static final Set<String> GET = Set.of("GET");
  private static final Set<String> GET_AND_POST = Set.of("GET", "POST");

  private final Fleet fleet;
  private final GatewayTransport transport;

  /** A worker in its pool. */
  private record Target(Pool pool, FleetWorker worker) {}

  public WorkerRoutes(Fleet fleet, GatewayTransport transport) {
    this.fleet = fleet;
    this.transport = transport;
  }

  /** Adds its routes. */
  public void addTo(AdminServer admin) {
    admin.route(GET, "/v1/workers", request -> answer(targets(request)));
    admin.routeBelow(GET_AND_POST, "/v1/workers/", this::worker);
    admin.route(GET, "/v1/pools", request -> pools());
    admin.routeBelow(GET_AND_POST, "/v1/pools/", this::pool);
  }

  private AdminAnswer worker(AdminRequest request) {
    String[] parts = request.rest().split("/", -1);
    List<Target> found =
        targets(request).stream().filter(t -> t.worker().id().equals(parts[0])).toList();
    if (found.isEmpty()) {
      return AdminAnswer.error(
          404, parts[0] + ": no such worker here (GET /v1/workers lists those that are)");
    }
    if (found.size() > 1) {
      return AdminAnswer.error(
          409, parts[0] + ": in several pools (expected: ?pool= with the name of one)");
    }
    return act(request, parts, found);
  }

  private AdminAnswer pool(AdminRequest request) {
    String[] parts = request.rest().split("/", -1);
    List<Target> found =
        targets(request).stream().filter(t -> t.pool().name().equals(parts[0])).toList();
    if (fleet.pools().stream().noneMatch(pool -> pool.name().equals(parts[0]))) {
      return AdminAnswer.error(
          404, parts[0] + ": no such pool here (GET /v1/pools lists those that are)");
    }
    return act(request, parts, found);
  }

  private AdminAnswer act(AdminRequest request, String[] parts, List<Target> targets) {
    String deed = parts.length == 2 ? parts[1] : "";
    boolean post = request.method().equals("POST");
    if (parts.length == 1 && !post) {
      return answer(targets);
    }
    if (!post || !Set.of("cordon", "uncordon", "drain").contains(deed)) {
      return AdminAnswer.error(
          404, request.path() + ": unknown (expected: POST .../cordon, .../uncordon or .../drain)");
    }
    boolean on = !deed.equals("uncordon");
    List<String> silent = cordon(targets, on);
    if (!silent.isEmpty()) {
      return AdminAnswer.error(
          504,
          silent
              + ": not confirmed within "
              + TimeUnit.NANOSECONDS.toSeconds(CONFIRM_NANOS)
              + " s (a worker of a version before this command takes no notice of it)");
    }
    return deed.equals("drain") ? drain(request, targets) : answer(targets);
  }

  /** Says it until every worker's heartbeat confirms it; returns those that do not. */
  private List<String> cordon(List<Target> targets, boolean on) {
    long until = System.nanoTime() + CONFIRM_NANOS;
    var open = new ArrayList<>(targets);
    while (!open.isEmpty() && System.nanoTime() < until) {
      open.forEach(target -> transport.cordon(target.worker().address(), on));
      long again = Math.min(until, System.nanoTime() + SAY_AGAIN_NANOS);
      waitUntil(again, () -> open.stream().allMatch(target -> isCordoned(target) == on));
      open.removeIf(target -> isCordoned(target) == on || isGone(target));
    }
    return open.stream().map(target -> target.worker().id()).toList();
  }

  private boolean isCordoned(Target target) {
    return fleet.view(target.pool(), target.worker()).state().equals("cordoned");
  }

  private static boolean isGone(Target target) {
    return target.pool().workers().stream().noneMatch(target.worker()::equals);
  }

  /** Waits for the last legs; then, if wanted, has the workers end. */
  private AdminAnswer drain(AdminRequest request, List<Target> targets) {
    Optional<Long> millis = request.parameter("timeout_ms").map(WorkerRoutes::millis);
    if (millis.filter(value -> value < 0).isPresent()) {
      return AdminAnswer.error(
          400,
          "timeout_ms: "
              + request.parameter("timeout_ms").orElse("")
              + " (expected: 0 to "
              + MAX_DRAIN_MILLIS
              + ")");
    }
    long until =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis.orElse(DEFAULT_DRAIN_MILLIS));
    boolean empty = waitUntil(until, () -> targets.stream().allMatch(this::isEmpty));
    if (empty && request.parameter("stop").orElse("false").equals("true")) {
      targets.forEach(target -> transport.drain(target.worker().address()));
    }
    ObjectNode answer = json(targets).put("drained", empty);
    return AdminAnswer.json(answer.toString());
  }

  private boolean isEmpty(Target target) {
    return isGone(target) || fleet.view(target.pool(), target.worker()).liveRequests() == 0;
  }

  private static long millis(String text) {
    return text.matches("[0-9]{1,9}") && Long.parseLong(text) <= MAX_DRAIN_MILLIS
        ? Long.parseLong(text)
        : -1;
  }

  private static boolean waitUntil(long untilNanos, BooleanSupplier reached) {
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() >= untilNanos) {
        return false;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return true;
  }

  private List<Target> targets(AdminRequest request) {
    var targets = new ArrayList<Target>();
    for (Pool pool : fleet.pools()) {
      if (request.parameter("pool").orElse(pool.name()).equals(pool.name())) {
        pool.workers().forEach(worker -> targets.add(new Target(pool, worker)));
      }
    }
    return targets;
  }

  private AdminAnswer answer(List<Target> targets) {
    return AdminAnswer.json(json(targets).toString());
  }

  private ObjectNode json(List<Target> targets) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode list = answer.putArray("workers");
    for (Target target : targets) {
      Fleet.WorkerView view = fleet.view(target.pool(), target.worker());
      ObjectNode one =
          list.addObject()
              .put("id", view.id())
              .put("pool", target.pool().name())
              .put("role", view.role())
              .put("engine", view.engine())
              .put("state", isGone(target) ? "gone" : view.state())
              .put("routable", view.routable())
              .put("live_requests", view.liveRequests());
      ArrayNode models = one.putArray("models");
      target.worker().card().getModelsList().forEach(models::add);
    }
    return answer;
  }

  private AdminAnswer pools() {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode list = answer.putArray("pools");
    for (Pool pool : fleet.pools()) {
      list.addObject()
          .put("name", pool.name())
          .put("can_serve", pool.canServe())
          .put("disaggregated", pool.disaggregated())
          .put("workers", pool.workers().size())
          .put("routable_workers", pool.workers().stream().filter(pool::isRoutable).count());
    }
    return AdminAnswer.json(answer.toString());
  }
}
