package io.baton.transport;

import io.baton.proto.Subjects;
import io.baton.proto.v1.Control;
import io.baton.proto.v1.Drain;
import io.baton.proto.v1.GatewayStatus;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.Reservation;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerStatus;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A gateway's end: sends legs, hears their chunks, watches the fleet. One wildcard subscription
 * takes all replies. Replies, cards, heartbeats and the answers to probes come on one NATS thread,
 * in the order in which they were sent: a worker's last words never overtake its last chunks.
 * Thread-safe; no method waits for the broker.
 */
public final class GatewayTransport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayTransport.class);

  private final BrokerLink link;
  private final Subjects subjects;
  private final List<String> pools;
  private final String gatewayId;
  private final long incarnation = new SecureRandom().nextLong();
  private final TransportTimings timings;
  private final HeardClock heard;
  private final StreamTable streams;
  private final FleetWatch fleet;
  private final KvWatch caches;
  private final AtomicLong beat = new AtomicLong();
  private final Timer timer = new Timer("baton-gateway-timer");
  private volatile Supplier<List<Reservation>> reservations = List::of;

  /**
   * An end that is not connected yet; call {@link #start}.
   *
   * @param gatewayId one subject token, unique among replicas
   */
  public GatewayTransport(
      BrokerLink link,
      String namespace,
      List<String> pools,
      String gatewayId,
      TransportTimings timings,
      FleetListener listener) {
    this.link = link;
    this.subjects = new Subjects(namespace);
    this.pools = List.copyOf(pools);
    this.gatewayId = Subjects.requireToken("gatewayId", gatewayId);
    this.timings = timings;
    this.heard = new HeardClock(timings.heartbeat(), timings.grace(), System::nanoTime);
    this.streams = new StreamTable(link, subjects, gatewayId, incarnation, timings, heard);
    this.caches = new KvWatch(link, subjects, gatewayId, listener);
    this.fleet =
        new FleetWatch(
            subjects,
            pools,
            gatewayId,
            incarnation,
            timings,
            listener,
            new FleetOwner(),
            heard,
            link.counters());
  }

  /** Subscribes, asks who is there, and begins to send heartbeats. */
  public void start() {
    var inbox = new HashMap<String, MessageHandler>();
    inbox.put(subjects.reply(gatewayId, "*"), this::onReply);
    inbox.put(subjects.gatewayStatus(gatewayId), echo -> heard.echo());
    for (String pool : pools) {
      inbox.put(subjects.status(pool, "*"), message -> fleet.onStatus(pool, message));
    }
    link.messages().watch(new Connection());
    link.messages().subscribe(inbox);
    caches.start(pools);
    timer.every(HeardClock.TICK, this::tick);
    timer.every(timings.heartbeat(), () -> publishStatus(false));
    fleet.discover();
  }

  /** What is told in heartbeats of the load that this gateway has given away. */
  public void reservations(Supplier<List<Reservation>> supplier) {
    reservations = supplier;
  }

  /**
   * Publishes one leg. Everything else, failures included, comes through the listener, perhaps
   * before this returns.
   *
   * @param request with its id set; ids of gateway and worker are added here
   * @param headers beside the time of sending, which is added here
   * @throws PayloadTooLargeException if the broker would not take it; nothing is sent then
   */
  public ReplyStream send(
      WorkerAddress to,
      GenerateRequest.Builder request,
      Map<String, String> headers,
      ReplyListener listener)
      throws PayloadTooLargeException {
    String id = Subjects.requireToken("request_id", request.getRequestId());
    byte[] body =
        request
            .setGatewayId(gatewayId)
            .setGatewayIncarnation(incarnation)
            .setWorkerIncarnation(to.incarnation())
            .build()
            .toByteArray();
    var outgoing =
        new Outgoing(
            id, to, request.getWindow(), headers, body, WallClock.unixNanos(), System.nanoTime());
    if (link.connected() && outgoing.bytes() > link.maxPayload()) {
      throw new PayloadTooLargeException(outgoing.bytes(), link.maxPayload());
    }
    return streams.send(outgoing, listener, fleet::knows);
  }

  private void onReply(Message message) {
    String subject = message.getSubject();
    String token = subject.substring(subject.lastIndexOf('.') + 1);
    if (token.equals(FleetWatch.CARDS)) {
      fleet.onCard(message);
    } else if (token.startsWith(FleetWatch.PROBE_PREFIX)) {
      fleet.onProbed(token, message);
    } else {
      streams.onReply(token, message, fleet::doubt);
    }
  }

  private void tick() {
    heard.tick();
    if (link.connected()) {
      fleet.tick();
      caches.tick();
      streams.tick();
    }
  }

  private void publishStatus(boolean stopping) {
    byte[] body =
        GatewayStatus.newBuilder()
            .setGatewayId(gatewayId)
            .setIncarnation(incarnation)
            .setBeat(beat.incrementAndGet())
            .setIntervalMs((int) timings.heartbeat().toMillis())
            .setSentUnixNanos(WallClock.unixNanos())
            .setStopping(stopping)
            .addAllReservations(currentReservations())
            .build()
            .toByteArray();
    var _ = link.messages().publish(subjects.gatewayStatus(gatewayId), body);
  }

  private List<Reservation> currentReservations() {
    try {
      return reservations.get();
    } catch (RuntimeException e) {
      // Without a heartbeat every worker would abort this gateway's requests.
      LOG.error("reservations are missing from a heartbeat", e);
      return List.of();
    }
  }

  /** Tells a worker to take nothing new and to end when its requests have. */
  public void drain(WorkerAddress to) {
    streams.tell(to, "drain", Control.newBuilder().setDrain(Drain.getDefaultInstance()));
  }

  public String gatewayId() {
    return gatewayId;
  }

  public long incarnation() {
    return incarnation;
  }

  /** Requests whose answers are under way and read by somebody. */
  public int liveStreams() {
    return streams.open();
  }

  public TransportCounters counters() {
    return link.counters();
  }

  /** Says that it goes, so that workers need not wait for the lease to run out. */
  @Override
  public void close() {
    timer.close();
    publishStatus(true);
    streams.loseAll(new Loss(Loss.Cause.BROKER_UNAVAILABLE, "the gateway stops"));
  }

  private final class Connection implements Channel.Watcher {
    @Override
    public void onConnected(boolean connected) {
      heard.connected(connected);
      if (connected) {
        publishStatus(false);
        fleet.discover();
        streams.onBrokerBack();
      } else {
        fleet.suspectAll();
      }
    }

    @Override
    public void onDiscarded(String subject, @Nullable String replyTo) {
      streams.onDiscarded(subject, replyTo);
    }
  }

  private final class FleetOwner implements FleetWatch.Owner {
    @Override
    public void publish(String subject, String replyTo, byte[] body) {
      var _ = link.messages().publish(subject, replyTo, null, body);
    }

    @Override
    public String replySubject(String token) {
      return subjects.reply(gatewayId, token);
    }

    @Override
    public void onJoined(WorkerCard card, WorkerAddress worker) {
      caches.follow(card, worker);
    }

    @Override
    public void onStatus(WorkerAddress worker, WorkerStatus status) {
      caches.onStatus(worker, status);
    }

    @Override
    public void onReconnected(WorkerAddress worker) {
      streams.onReconnected(worker);
    }

    @Override
    public void onLeaving(WorkerAddress worker) {
      caches.forget(worker);
    }

    @Override
    public void onLeft(WorkerAddress worker, Loss loss) {
      streams.lost(worker, loss);
    }
  }
}
