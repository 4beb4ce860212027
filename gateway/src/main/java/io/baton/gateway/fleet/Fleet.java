package io.baton.gateway.fleet;

import io.baton.config.Nearest;
import io.baton.gateway.api.ApiException;
import io.baton.kvrouter.KvRouter;
import io.baton.kvrouter.ReportedLoad;
import io.baton.kvrouter.RouterSettings;
import io.baton.kvrouter.RouterStats;
import io.baton.kvrouter.WorkerRank;
import io.baton.proto.v1.Form;
import io.baton.proto.v1.GatewayStatus;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.RankLoad;
import io.baton.proto.v1.Reservation;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerState;
import io.baton.proto.v1.WorkerStatus;
import io.baton.telemetry.slices.TraceClock;
import io.baton.transport.FleetListener;
import io.baton.transport.WorkerAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything the gateway knows of the workers. Hears of them on NATS threads, feeds each pool's
 * router, and answers event loops.
 */
public final class Fleet implements FleetListener {
  private static final int MOST_HINTS = 3;

  /** About what a worker needs to start again. */
  private static final int NO_WORKER_RETRY_SECONDS = 5;

  private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);

  private final ModelCatalog catalog;
  private final Function<RouterSettings, KvRouter> routers;
  private final Map<String, Pool> pools = new ConcurrentHashMap<>();
  private final Peers peers = new Peers();
  private volatile RouterSettings routing;
  private volatile boolean served;
  private volatile Runnable onRoom = () -> {};

  /**
   * An empty fleet.
   *
   * @param catalog the models whose prompts this gateway can read
   * @param routing how pools' routers decide at first
   * @param routers makes the router of a new pool
   */
  public Fleet(
      ModelCatalog catalog, RouterSettings routing, Function<RouterSettings, KvRouter> routers) {
    this.catalog = catalog;
    this.routing = routing;
    this.routers = routers;
  }

  /** Lets every router decide by other settings, see {@link KvRouter#reconfigure}. */
  public void reconfigureRouters(RouterSettings changed) {
    routing = changed;
    pools.values().forEach(pool -> pool.router().reconfigure(changed));
  }

  /** Calls back whenever workers may have more room than before; must not block. */
  public void onRoom(Runnable callback) {
    onRoom = callback;
  }

  /** Requests for a model that its workers have a place for now. */
  public int room(String model) {
    return poolFor(model).map(Pool::room).orElse(Integer.MAX_VALUE);
  }

  @Override
  public void onWorker(WorkerCard card) {
    Optional<String> refusal = catalog.refusal(card);
    if (refusal.isPresent()) {
      LOG.error("worker {} refused: {}", card.getWorkerId(), refusal.get());
      return;
    }
    String kvRoutingOff = TokenParity.mismatch(card, catalog).orElse("");
    if (!kvRoutingOff.isEmpty()) {
      LOG.warn("worker {} is not routed to by prefix: {}", card.getWorkerId(), kvRoutingOff);
    }
    var address = new WorkerAddress(card.getPool(), card.getWorkerId(), card.getIncarnation());
    pools
        .computeIfAbsent(card.getPool(), name -> new Pool(name, routers.apply(routing)))
        .join(new FleetWorker(card, address, kvRoutingOff));
    LOG.info(
        "worker {} joined pool {}: {} {} for {}",
        card.getWorkerId(),
        card.getPool(),
        card.getEngine(),
        card.getRole(),
        card.getModelsList());
  }

  @Override
  public void onStatus(WorkerAddress address, WorkerStatus status) {
    Pool pool = pools.get(address.pool());
    if (pool == null) {
      return;
    }
    peers.sum(TraceClock.now()).forEach(pool::peersLoad);
    Set<String> liveRequests = new HashSet<>(status.getLiveRequestsList());
    for (RankLoad load : status.getRanksList()) {
      var rank = new WorkerRank(address.workerId(), address.incarnation(), load.getRank());
      pool.router()
          .reported(
              rank,
              new ReportedLoad(
                  load.getRunningRequests(),
                  load.getWaitingRequests(),
                  load.getUsedBlocks(),
                  load.getWaitingTokens()));
      pool.heardLoad(rank, load, status, liveRequests);
    }
    pool.heard(address, status);
    onRoom.run();
    served |= pool.canServe();
  }

  @Override
  public void onPeer(GatewayStatus status) {
    peers
        .heard(status, TraceClock.now())
        .forEach((worker, load) -> pools.values().forEach(pool -> pool.peersLoad(worker, load)));
  }

  /** Other gateways that are there. */
  public int peers() {
    return peers.size();
  }

  @Override
  public void onSuspect(WorkerAddress address) {
    LOG.warn("worker {} is silent: no new work for it while there are others", address.workerId());
    onPool(address).ifPresent(pool -> pool.suspect(address));
  }

  @Override
  public void onGone(WorkerAddress address, String cause) {
    LOG.info("worker {} is gone: {}", address.workerId(), cause);
    onPool(address).ifPresent(pool -> pool.leave(address));
    // Perhaps nobody is left: those who wait hear it now.
    onRoom.run();
  }

  @Override
  public void onKvReset(WorkerAddress address, int rank) {
    onPool(address).ifPresent(pool -> pool.forgetBlocks(address, rank));
  }

  @Override
  public void onKvEvents(WorkerAddress address, int rank, int blockSize, List<KvEvent> events) {
    onPool(address).ifPresent(pool -> pool.apply(address, rank, events));
  }

  private Optional<Pool> onPool(WorkerAddress address) {
    return Optional.ofNullable(pools.get(address.pool()));
  }

  /** The pool that serves a model; one that can serve it now, if there is one. */
  public Optional<Pool> poolFor(String model) {
    Pool found = null;
    for (Pool pool : pools.values()) {
      if (pool.serves(model)) {
        if (pool.canServe()) {
          return Optional.of(pool);
        }
        found = pool;
      }
    }
    return Optional.ofNullable(found);
  }

  /** Why nobody takes a request for a model: it is unknown, or its workers are not there yet. */
  public ApiException refusal(String model) {
    return exists(model)
        ? ApiException.unavailable(
            "No worker serves `" + model + "` right now. Try again.", NO_WORKER_RETRY_SECONDS)
        : ApiException.unknownModel(model, hint(model));
  }

  /** Whether a model is configured here, or was served since this gateway started. */
  private boolean exists(String model) {
    return catalog.find(model).isPresent()
        || pools.values().stream().anyMatch(pool -> pool.knows(model));
  }

  /** A sentence naming models that may have been meant; empty if none is near. */
  private String hint(String asked) {
    List<String> near = Nearest.all(asked, names());
    return near.isEmpty()
        ? ""
        : near.stream()
            .limit(MOST_HINTS)
            .collect(Collectors.joining("`, `", "Did you mean `", "`?"));
  }

  /** The name that workers know a model by. */
  public String resolve(String name) {
    return catalog.resolve(name);
  }

  private Collection<String> names() {
    return modelViews().stream().map(ModelView::id).toList();
  }

  /**
   * A model for people to read.
   *
   * @param contextWindow longest prompt plus answer, in tokens; 0: unknown
   * @param ready whether a request for it could be done now
   * @param pools those that serve it or did so
   */
  public record ModelView(
      String id, String owner, int contextWindow, boolean ready, List<Pool> pools) {}

  /** Every model that some worker serves, by each of its names. */
  public List<ModelView> modelViews() {
    var views = new ArrayList<ModelView>();
    for (String model : models()) {
      views.add(view(model, model));
      catalog
          .find(model)
          .ifPresent(known -> known.aliases().forEach(alias -> views.add(view(alias, model))));
    }
    return views;
  }

  /** A model by any of its names, whether or not somebody serves it now; empty if it is unknown. */
  public Optional<ModelView> modelView(String name) {
    String model = resolve(name);
    return exists(model) ? Optional.of(view(name, model)) : Optional.empty();
  }

  private ModelView view(String name, String model) {
    List<Pool> of = pools.values().stream().filter(pool -> pool.knows(model)).toList();
    return new ModelView(
        name,
        catalog.find(model).map(ServedModel::owner).orElse("baton"),
        poolFor(model).map(Pool::maxContext).orElse(0),
        of.stream().anyMatch(pool -> pool.serves(model) && pool.canServe()),
        of);
  }

  /** How prompts of a model are read; empty if the gateway has no tokenizer for it. */
  public Optional<ServedModel> served(String model) {
    return catalog.find(model);
  }

  /** Whether a model's requests travel as token ids. */
  public static boolean takesTokens(Pool pool) {
    return pool.form() == Form.FORM_TOKENS;
  }

  /** Every model that some worker serves, in alphabetical order. */
  public Collection<String> models() {
    var models = new TreeSet<String>();
    for (Pool pool : pools.values()) {
      pool.workers().forEach(worker -> models.addAll(worker.card().getModelsList()));
    }
    return models;
  }

  /** The load that this gateway has given to workers and not had back, for its heartbeats. */
  public List<Reservation> reservations() {
    var told = new ArrayList<Reservation>();
    for (Pool pool : pools.values()) {
      for (RouterStats.Rank rank : pool.router().stats().ranks()) {
        if (rank.ownReservations() > 0) {
          told.add(
              Reservation.newBuilder()
                  .setWorkerId(rank.worker().workerId())
                  .setWorkerIncarnation(rank.worker().incarnation())
                  .setRequests((int) rank.ownReservations())
                  .setPrefillTokens(rank.ownPrefillTokens())
                  .setBlocks(rank.ownKvTokens() / Math.max(1, rank.profile().blockSize()))
                  .build());
        }
      }
    }
    return told;
  }

  /** A figure of the routers, summed over pools. */
  public double routerFigure(ToDoubleFunction<RouterStats> figure) {
    return pools.values().stream().mapToDouble(p -> figure.applyAsDouble(p.router().stats())).sum();
  }

  public Collection<Pool> pools() {
    return pools.values();
  }

  /**
   * A worker for people to read.
   *
   * @param role {@code aggregated}, {@code prefill} or {@code decode}
   * @param state what it says of itself: {@code starting}, {@code ready}, {@code cordoned}, ...
   * @param routable whether it gets new work
   * @param liveRequests legs that it works on
   * @param kvRoutingOff why requests are not routed to it by prefix; empty: they are
   */
  public record WorkerView(
      String id,
      String role,
      String engine,
      String state,
      boolean routable,
      int liveRequests,
      String kvRoutingOff) {}

  /** The workers of a pool, for people to read. */
  public List<WorkerView> workersOf(Pool pool) {
    return pool.workers().stream().map(worker -> view(pool, worker)).toList();
  }

  /** One of them. */
  public WorkerView view(Pool pool, FleetWorker worker) {
    Optional<WorkerStatus> said = pool.said(worker);
    return new WorkerView(
        worker.id(),
        word(worker.card().getRole().name(), "ROLE_"),
        worker.card().getEngine(),
        word(
            said.map(WorkerStatus::getState).orElse(WorkerState.WORKER_STARTING).name(), "WORKER_"),
        pool.isRoutable(worker),
        said.map(WorkerStatus::getLiveRequestsCount).orElse(0),
        worker.kvRoutingOff());
  }

  private static String word(String constant, String prefix) {
    return constant.replace(prefix, "").toLowerCase(Locale.ROOT);
  }

  /** How many workers say of themselves that they are so, by the word for it. */
  public Map<String, Double> workerStates() {
    return pools.values().stream()
        .flatMap(pool -> workersOf(pool).stream())
        .collect(Collectors.groupingBy(WorkerView::state, Collectors.summingDouble(w -> 1)));
  }

  /** 1 for each pool that can serve, 0 for the others. */
  public Map<String, Double> poolsReady() {
    return pools.values().stream()
        .collect(Collectors.toMap(Pool::name, pool -> pool.canServe() ? 1.0 : 0.0));
  }

  /** Requests that each pool has a place for; none for those that cannot serve. */
  public Map<String, Double> poolsRoom() {
    return pools.values().stream()
        .collect(
            Collectors.toMap(Pool::name, pool -> pool.canServe() ? (double) pool.room() : 0.0));
  }

  /** Workers that are not routed to by prefix, since their tokens are not this gateway's. */
  public long workersWithoutKvRouting() {
    return pools.values().stream()
        .flatMap(pool -> pool.workers().stream())
        .filter(worker -> !worker.kvRoutingOff().isEmpty())
        .count();
  }

  /** Whether any model can be served now. */
  public boolean ready() {
    return pools.values().stream().anyMatch(Pool::canServe);
  }

  /** Whether any model could be served since the gateway started. */
  public boolean everReady() {
    return served;
  }
}
