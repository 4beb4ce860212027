package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Headers;
import io.baton.proto.Subjects;
import io.baton.proto.v1.Control;
import io.baton.proto.v1.Cordon;
import io.baton.proto.v1.Drain;
import io.baton.proto.v1.GatewayStatus;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.Reservation;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's end: sends legs, hears their chunks, watches the fleet. One wildcard subscription
 * takes all replies, told apart by the last token of their subject. Thread-safe; no method waits.
 */
public final class GatewayTransport implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(100);
  private static final long PENDING_BYTES = 256L << 20;

  private final BrokerLink link;
  private final FleetListener listener;
  private final Subjects subjects;
  private final List<String> pools;
  private final String gatewayId;
  private final long incarnation = new SecureRandom().nextLong();
  private final TransportTimings timings;
  private final FleetWatch fleet;
  private final KvWatch caches;
  private final TransportCounters counters;
  private final Map<String, GatewayStream> streams = new ConcurrentHashMap<>();
  private final Words words = new Words();
  private final AtomicLong beat = new AtomicLong();
  private final Timer timer = new Timer("baton-gateway-timer");
  private volatile Supplier<List<Reservation>> reservations = List::of;
  private volatile LongSupplier clock = GatewayTransport::unixNanos;
  private volatile long listeningSince = System.nanoTime();
  private volatile boolean brokerWasAway;

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
    this.listener = listener;
    this.subjects = new Subjects(namespace);
    this.pools = List.copyOf(pools);
    this.gatewayId = Subjects.requireToken("gatewayId", gatewayId);
    this.timings = timings;
    this.counters = link.counters();
    this.caches = new KvWatch(link, subjects, gatewayId, listener, counters);
    this.fleet =
        new FleetWatch(
            subjects,
            pools,
            gatewayId,
            incarnation,
            timings,
            new StatusTap(listener, caches),
            new FleetOwner(),
            System::nanoTime,
            counters);
  }

  /** Subscribes, asks who is there, and begins to send heartbeats. */
  public void start() {
    Connection messages = link.messages();
    Dispatcher replies = messages.createDispatcher(this::onReply);
    // Nothing of an answer may be dropped for being slow to enqueue.
    replies.setPendingLimits(-1, PENDING_BYTES);
    replies.subscribe(subjects.reply(gatewayId, "*"));
    Dispatcher statuses = messages.createDispatcher();
    for (String pool : pools) {
      statuses.subscribe(subjects.status(pool, "*"), message -> fleet.onStatus(pool, message));
    }
    statuses.subscribe(subjects.gatewayStatus("*"), this::onPeer);
    caches.start(pools);
    link.onState(this::onBrokerState);
    link.onDiscarded((subject, replyTo) -> onDiscarded(subject, replyTo));
    timer.every(TICK, this::tick);
    timer.every(timings.heartbeat(), () -> publishStatus(false));
    fleet.discover();
  }

  private void onPeer(Message message) {
    try {
      GatewayStatus status = GatewayStatus.parseFrom(message.getData());
      if (!status.getGatewayId().equals(gatewayId)) {
        listener.onPeer(status);
      }
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
    }
  }

  /** Unix nanoseconds for what is stamped; of the wall clock unless another one is given. */
  public void clock(LongSupplier unixNanos) {
    clock = unixNanos;
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
    if (link.connected() && body.length > link.maxPayload()) {
      throw new PayloadTooLargeException(body.length, link.maxPayload());
    }
    var stream = new GatewayStream(id, to, request.getWindow(), listener, words, counters);
    streams.put(id, stream);
    var natsHeaders = new io.nats.client.impl.Headers();
    headers.forEach((name, value) -> natsHeaders.put(name, value));
    natsHeaders.put(Headers.SENT_UNIX_NANOS, Long.toString(clock.getAsLong()));
    boolean sent =
        link.connected()
            && BrokerLink.publish(
                link.messages(),
                subjects.generate(to.pool(), to.workerId()),
                subjects.reply(gatewayId, id),
                natsHeaders,
                body);
    if (!sent) {
      stream.lost(new Loss(Loss.Cause.BROKER_UNAVAILABLE, "the broker is away"));
    }
    return stream;
  }

  static long unixNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private void onReply(Message message) {
    String subject = message.getSubject();
    String token = subject.substring(subject.lastIndexOf('.') + 1);
    if (token.equals(FleetWatch.CARDS)) {
      fleet.onCard(message);
      return;
    }
    if (token.startsWith(FleetWatch.PROBE_PREFIX)) {
      fleet.onProbed(token, message, brokerJustBack());
      return;
    }
    GatewayStream stream = streams.get(token);
    if (stream == null) {
      counters.chunksLate.increment();
    } else if (message.isStatusMessage()) {
      stream.onNoResponders(brokerJustBack());
    } else {
      try {
        stream.onChunk(ReplyChunk.parseFrom(message.getData()), System.nanoTime());
      } catch (InvalidProtocolBufferException e) {
        counters.unparsable.increment();
      }
    }
  }

  private void onDiscarded(String subject, @Nullable String replyTo) {
    if (replyTo == null || !subject.endsWith(".generate")) {
      return;
    }
    GatewayStream stream = streams.get(replyTo.substring(replyTo.lastIndexOf('.') + 1));
    if (stream != null) {
      stream.lost(new Loss(Loss.Cause.OUTGOING_QUEUE_FULL, "more than the broker takes"));
    }
  }

  private void onBrokerState(boolean connected) {
    if (!connected) {
      brokerWasAway = true;
      fleet.suspectAll();
      return;
    }
    listeningSince = System.nanoTime();
    fleet.discover();
    caches.restartAll();
    streams.values().forEach(stream -> stream.onBrokerBack(System.nanoTime()));
  }

  /** For a while after an outage, workers may not be back yet: nobody is declared dead for that. */
  private boolean brokerJustBack() {
    return brokerWasAway && System.nanoTime() - listeningSince < timings.grace().toNanos();
  }

  private void tick() {
    if (!link.connected()) {
      return;
    }
    fleet.tick(listeningSince, brokerJustBack());
    long now = System.nanoTime();
    caches.tick(now);
    for (GatewayStream stream : streams.values()) {
      stream.tick(now, timings.resumeInterval().toNanos());
    }
  }

  private void publishStatus(boolean stopping) {
    if (!link.connected()) {
      return;
    }
    byte[] body =
        GatewayStatus.newBuilder()
            .setGatewayId(gatewayId)
            .setIncarnation(incarnation)
            .setBeat(beat.incrementAndGet())
            .setIntervalMs((int) timings.heartbeat().toMillis())
            .setSentUnixNanos(clock.getAsLong())
            .setStopping(stopping)
            .addAllReservations(reservations.get())
            .build()
            .toByteArray();
    BrokerLink.publish(link.messages(), subjects.gatewayStatus(gatewayId), null, null, body);
  }

  /** Tells a worker to take nothing new and to end when its requests have. */
  public void drain(WorkerAddress to) {
    words.send(to, "drain", Control.newBuilder().setDrain(Drain.getDefaultInstance()));
  }

  /**
   * Tells a worker to take nothing new and to stay, or to take work again. Its next heartbeat,
   * which comes at once, says so to every gateway.
   */
  public void cordon(WorkerAddress to, boolean on) {
    words.send(to, "cordon", Control.newBuilder().setCordon(Cordon.newBuilder().setOn(on)));
  }

  public String gatewayId() {
    return gatewayId;
  }

  public long incarnation() {
    return incarnation;
  }

  /** Requests whose answers are under way. */
  public int liveStreams() {
    return streams.size();
  }

  public TransportCounters counters() {
    return counters;
  }

  /** Says that it goes, so that workers need not wait for the lease to run out. */
  @Override
  public void close() {
    timer.close();
    publishStatus(true);
    streams
        .values()
        .forEach(s -> s.lost(new Loss(Loss.Cause.BROKER_UNAVAILABLE, "the gateway stops")));
  }

  private final class Words implements GatewayStream.Controls {
    @Override
    public void send(WorkerAddress worker, String requestId, Control.Builder word) {
      byte[] body =
          word.setGatewayId(gatewayId).setGatewayIncarnation(incarnation).build().toByteArray();
      // Whatever is lost here is said again by the stream's tick.
      BrokerLink.publish(
          link.messages(),
          subjects.control(worker.pool(), worker.workerId()),
          subjects.reply(gatewayId, requestId),
          null,
          body);
    }

    @Override
    public void ended(String requestId) {
      streams.remove(requestId);
    }
  }

  private final class FleetOwner implements FleetWatch.Owner {
    @Override
    public void publish(String subject, String replyTo, byte[] body) {
      BrokerLink.publish(link.messages(), subject, replyTo, null, body);
    }

    @Override
    public String replySubject(String token) {
      return subjects.reply(gatewayId, token);
    }

    @Override
    public void onJoined(WorkerWatch worker) {
      caches.follow(worker.card(), worker.address());
    }

    @Override
    public void onGone(WorkerAddress worker, Loss loss) {
      caches.forget(worker);
      for (GatewayStream stream : streams.values()) {
        if (stream.worker().equals(worker)) {
          stream.lost(loss);
        }
      }
    }
  }
}
