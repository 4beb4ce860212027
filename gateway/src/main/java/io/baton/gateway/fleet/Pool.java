package io.baton.gateway.fleet;

import io.baton.kvblocks.KvTier;
import io.baton.kvrouter.KvRouter;
import io.baton.kvrouter.PeerLoad;
import io.baton.kvrouter.Reservation;
import io.baton.kvrouter.WorkerCapacity;
import io.baton.kvrouter.WorkerProfile;
import io.baton.kvrouter.WorkerRank;
import io.baton.proto.v1.Form;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.RankLoad;
import io.baton.proto.v1.Role;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerState;
import io.baton.proto.v1.WorkerStatus;
import io.baton.telemetry.slices.TraceClock;
import io.baton.transport.WorkerAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Workers that serve the same models in the same form, and the router among them. Changed by NATS
 * threads, read by event loops; every method may be called from any thread.
 */
public final class Pool {
  private static final int MAX_MODELS = 1_000;

  private final String name;
  private final KvRouter router;
  private final Map<String, FleetWorker> workers = new ConcurrentHashMap<>();
  private final Set<String> routable = ConcurrentHashMap.newKeySet();
  private final Ejections ejections = new Ejections();
  private final LiveLegs live = new LiveLegs();
  private final WorkerRoom room = new WorkerRoom();

  /** Last heartbeat of each worker. */
  private final Map<String, WorkerStatus> said = new ConcurrentHashMap<>();

  /** Models that were ever served here: a pool that is empty for a while still knows what for. */
  private final Set<String> everServed = ConcurrentHashMap.newKeySet();

  Pool(String name, KvRouter router) {
    this.name = name;
    this.router = router;
  }

  void join(FleetWorker worker) {
    WorkerCard card = worker.card();
    // Without a block size a worker has no place in the index: its load alone counts.
    boolean byPrefix = worker.kvRoutingOff().isEmpty();
    var profile =
        new WorkerProfile(
            worker.phase(),
            byPrefix ? card.getBlockSize() : 0,
            card.getTotalBlocks(),
            card.getKvLayout(),
            byPrefix && card.getPublishesKvEvents());
    workers.put(worker.id(), worker);
    for (int rank = 0; rank < ranks(card); rank++) {
      router.workerJoined(worker.rank(rank), profile.withLabels(WorkerLabels.of(card)));
    }
    // Nothing goes there before it has said itself that it is ready: it may be cordoned.
    tellRouter(worker);
    for (String model : card.getModelsList()) {
      if (everServed.size() < MAX_MODELS) {
        everServed.add(model);
      }
    }
  }

  /** A worker says how it is. */
  void heard(WorkerAddress address, WorkerStatus status) {
    FleetWorker worker = workers.get(address.workerId());
    if (worker != null && worker.address().incarnation() == address.incarnation()) {
      said.put(worker.id(), status);
      room.heard(worker.id(), status);
      routable(address, status.getState() == WorkerState.WORKER_READY);
    }
  }

  /** A leg goes to a worker: it takes a place there until it has ended. */
  public void legBegan(FleetWorker worker, String requestId) {
    room.begin(worker.id(), requestId);
  }

  /** A leg has ended, however. */
  public void legEnded(FleetWorker worker, String requestId) {
    room.end(worker.id(), requestId);
  }

  /**
   * Requests that this pool's workers have a place for now; a request in two legs needs one of
   * each. A pool that cannot serve at all has room: who is sent there hears why at once.
   */
  public int room() {
    if (!canServe()) {
      return Integer.MAX_VALUE;
    }
    int places = room(Role.ROLE_AGGREGATED);
    return disaggregated() ? Math.min(room(Role.ROLE_PREFILL), room(Role.ROLE_DECODE)) : places;
  }

  private int room(Role role) {
    int places = 0;
    for (FleetWorker worker : workers.values()) {
      if (worker.card().getRole() == role && isRoutable(worker)) {
        places += Math.max(0, room.left(worker.id()));
      }
    }
    return places;
  }

  /** Whether a worker has no place for another leg now. */
  public boolean isFull(FleetWorker worker) {
    return room.left(worker.id()) <= 0;
  }

  /** What a worker said last of itself; empty before its first heartbeat. */
  public Optional<WorkerStatus> said(FleetWorker worker) {
    return Optional.ofNullable(said.get(worker.id()));
  }

  void routable(WorkerAddress address, boolean yes) {
    FleetWorker worker = workers.get(address.workerId());
    if (worker == null || worker.address().incarnation() != address.incarnation()) {
      return;
    }
    if (yes ? routable.add(worker.id()) : routable.remove(worker.id())) {
      tellRouter(worker);
    }
  }

  private void tellRouter(FleetWorker worker) {
    boolean yes = routable.contains(worker.id()) && !ejections.isOut(worker.id());
    for (int rank = 0; rank < ranks(worker.card()); rank++) {
      router.workerRoutable(worker.rank(rank), yes);
    }
  }

  /**
   * A worker broke or stalled a stream: others get its work until a probe ends well. If there are
   * no others, it keeps it.
   */
  public void broke(FleetWorker worker, long nowNanos) {
    if (worker.equals(workers.get(worker.id())) && othersThan(worker)) {
      ejections.broke(worker.id(), nowNanos);
      tellRouter(worker);
    }
  }

  /** A request ended well on a worker. */
  public void worked(FleetWorker worker) {
    if (ejections.worked(worker.id())) {
      tellRouter(worker);
    }
  }

  /** Before a decision: lets workers whose time is up have a probe. */
  public void openProbes(long nowNanos) {
    for (String id : ejections.openProbes(nowNanos)) {
      tellRouterOf(id);
    }
  }

  /** After a decision: a worker on probation gets one request at a time. */
  public void chosen(FleetWorker worker, long nowNanos) {
    if (ejections.chosen(worker.id(), nowNanos)) {
      tellRouter(worker);
    }
  }

  /** Nobody else is left: says whether there was somebody to take back. */
  public boolean pardonAll() {
    List<String> all = ejections.all();
    for (String id : all) {
      ejections.forget(id);
      tellRouterOf(id);
    }
    return !all.isEmpty();
  }

  /** Times that a worker was ejected. */
  public long ejections() {
    return ejections.count();
  }

  private void tellRouterOf(String id) {
    FleetWorker worker = workers.get(id);
    if (worker != null) {
      tellRouter(worker);
    }
  }

  private boolean othersThan(FleetWorker worker) {
    Role role = worker.card().getRole();
    return workers.values().stream()
        .anyMatch(w ->
            !w.id().equals(worker.id())
                && w.card().getRole() == role
                && routable.contains(w.id())
                && !ejections.isOut(w.id()));
  }

  /**
   * A worker is silent. Others are better, but if there are none it is still better than a refusal:
   * silence is more often a starved machine than a dead worker.
   */
  void suspect(WorkerAddress address) {
    FleetWorker worker = workers.get(address.workerId());
    if (worker == null) {
      return;
    }
    if (othersThan(worker)) {
      routable(address, false);
    }
  }

  void leave(WorkerAddress address) {
    FleetWorker worker = workers.get(address.workerId());
    if (worker == null || worker.address().incarnation() != address.incarnation()) {
      return;
    }
    routable.remove(worker.id());
    workers.remove(worker.id());
    said.remove(worker.id());
    room.forget(worker.id());
    ejections.forget(worker.id());
    for (int rank = 0; rank < ranks(worker.card()); rank++) {
      live.left(worker.rank(rank));
      router.workerLeft(worker.rank(rank));
    }
  }

  /** What other gateways have put on a worker: told by worker, so its ranks share it. */
  void peersLoad(Peers.Key key, PeerLoad load) {
    FleetWorker worker = workers.get(key.workerId());
    if (worker == null || worker.address().incarnation() != key.incarnation()) {
      return;
    }
    int ranks = ranks(worker.card());
    long kvTokens = load.kvTokens() * Math.max(1, worker.card().getBlockSize());
    var share =
        new PeerLoad(
            Math.ceilDiv(load.requests(), ranks), load.prefillTokens() / ranks, kvTokens / ranks);
    for (int rank = 0; rank < ranks; rank++) {
      router.peersLoad(worker.rank(rank), share);
    }
  }

  void forgetBlocks(WorkerAddress address, int rank) {
    router.forgetBlocks(new WorkerRank(address.workerId(), address.incarnation(), rank));
  }

  void apply(WorkerAddress address, int rank, List<KvEvent> events) {
    var at = new WorkerRank(address.workerId(), address.incarnation(), rank);
    for (KvEvent event : events) {
      router.apply(at, translate(event));
    }
  }

  private static io.baton.kvblocks.KvEvent translate(KvEvent event) {
    KvTier tier =
        switch (event.getTier()) {
          case TIER_HOST -> KvTier.HOST;
          case TIER_DISK -> KvTier.DISK;
          default -> KvTier.DEVICE;
        };
    return switch (event.getEventCase()) {
      case STORED -> {
        var stored = event.getStored();
        yield new io.baton.kvblocks.KvEvent.Stored(
            stored.hasParent() ? OptionalLong.of(stored.getParent()) : OptionalLong.empty(),
            longs(stored.getSequenceHashesList()),
            longs(stored.getLocalHashesList()),
            tier);
      }
      case REMOVED ->
          new io.baton.kvblocks.KvEvent.Removed(
              longs(event.getRemoved().getSequenceHashesList()), tier);
      default -> new io.baton.kvblocks.KvEvent.Cleared();
    };
  }

  private static long[] longs(List<Long> values) {
    long[] array = new long[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return array;
  }

  private static int ranks(WorkerCard card) {
    return Math.max(1, card.getDpSize());
  }

  public String name() {
    return name;
  }

  public KvRouter router() {
    return router;
  }

  /** The worker that the router chose; empty if it left meanwhile. */
  public Optional<FleetWorker> worker(WorkerRank chosen) {
    FleetWorker worker = workers.get(chosen.workerId());
    return worker != null && worker.address().incarnation() == chosen.incarnation()
        ? Optional.of(worker)
        : Optional.empty();
  }

  /** How prompts travel to this pool's workers. */
  public Form form() {
    return workers.values().stream()
        .map(w -> w.card().getForm())
        .findFirst()
        .orElse(Form.FORM_TOKENS);
  }

  /** Whether requests go to a prefill and a decode worker. */
  public boolean disaggregated() {
    return hasRoutable(Role.ROLE_PREFILL) && hasRoutable(Role.ROLE_DECODE);
  }

  /** Whether a request could be done now. */
  public boolean canServe() {
    return hasRoutable(Role.ROLE_AGGREGATED) || disaggregated();
  }

  private boolean hasRoutable(Role role) {
    for (FleetWorker worker : workers.values()) {
      if (worker.card().getRole() == role && routable.contains(worker.id())) {
        return true;
      }
    }
    return false;
  }

  /** Longest prompt plus answer that every worker takes; 0 if nobody says. */
  public int maxContext() {
    return workers.values().stream()
        .mapToInt(w -> w.card().getMaxContext())
        .filter(tokens -> tokens > 0)
        .min()
        .orElse(0);
  }

  /** What a worker must have to serve a model here, beside what a request asks for. */
  public Map<String, String> labelsFor(String model, Map<String, String> asked) {
    boolean all = workers.values().stream().allMatch(w -> w.card().getModelsList().contains(model));
    return all ? asked : WorkerLabels.withModel(asked, model);
  }

  /** A leg was sent to a worker under this id; its load is given back when the worker is done. */
  public void legSent(WorkerRank worker, String requestId, Reservation reservation) {
    live.began(worker, requestId, reservation);
  }

  /** A leg has ended here. */
  public void legDone(WorkerRank worker, String requestId) {
    live.ended(worker, requestId);
  }

  /** A worker says how busy one of its ranks is, and what it works on. */
  void heardLoad(WorkerRank rank, RankLoad load, WorkerStatus status, Set<String> liveRequests) {
    long own = live.heard(rank, liveRequests);
    FleetWorker worker = workers.get(rank.workerId());
    if (worker == null) {
      return;
    }
    long freeBlocks = load.getTotalBlocks() - load.getUsedBlocks();
    router.capacity(
        rank,
        new WorkerCapacity(
            Math.ceilDiv(status.getCapacityRequests(), ranks(worker.card())),
            load.getTotalBlocks() == 0 ? Long.MAX_VALUE : freeBlocks * worker.card().getBlockSize(),
            own));
  }

  /** Legs whose load was given back because their workers said that they were gone. */
  public long legsGone() {
    return live.gone();
  }

  /** Whether any of its workers has the built-in engine. */
  public boolean builtInEngine() {
    return workers.values().stream().anyMatch(w -> w.card().getEngine().startsWith("baton-"));
  }

  /** Whether its workers say how probable a prompt's tokens are. */
  public boolean scoresPrompts() {
    return builtInEngine() && !disaggregated();
  }

  public Collection<FleetWorker> workers() {
    return new ArrayList<>(workers.values());
  }

  boolean serves(String model) {
    for (FleetWorker worker : workers.values()) {
      if (worker.card().getModelsList().contains(model)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a model was served here once, whether or not it is now. */
  boolean knows(String model) {
    return everServed.contains(model);
  }

  /** Every model that is or was served here. */
  Set<String> knownModels() {
    return everServed;
  }

  /** Whether new work goes there; after an ejection, from when its time is up. */
  public boolean isRoutable(FleetWorker worker) {
    openProbes(TraceClock.now());
    return routable.contains(worker.id()) && !ejections.isOut(worker.id());
  }
}
