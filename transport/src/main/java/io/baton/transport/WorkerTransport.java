package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Subjects;
import io.baton.proto.v1.Control;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Failed;
import io.baton.proto.v1.GatewayStatus;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerState;
import io.baton.proto.v1.WorkerStatus;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's end: takes legs, sends their chunks, tells what it is, how it is and what its cache
 * holds. Requests and control come on one NATS thread, so that a cancel never overtakes the request
 * it is for. Thread-safe; no method waits, except {@link #close}.
 */
public final class WorkerTransport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerTransport.class);
  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration LAST_WORDS = Duration.ofSeconds(3);
  private static final Duration LAST_WORDS_POLL = Duration.ofMillis(10);

  private final BrokerLink link;
  private final WorkerCard card;
  private final Subjects subjects;
  private final TransportTimings timings;
  private final WorkerHandler handler;
  private final TransportCounters counters;
  private final RequestTable requests;
  private final GatewayLeases leases;
  private final KvPublisher cache;
  private final ClockEchoes echoes = new ClockEchoes();
  private final AtomicLong beat = new AtomicLong();
  private final Timer timer = new Timer("baton-worker-timer");
  private volatile WorkerState state = WorkerState.WORKER_STARTING;
  private volatile boolean cordoned;
  private volatile LongSupplier clock = GatewayTransport::unixNanos;
  private volatile long listeningSince = System.nanoTime();

  /** An end that is not connected yet; call {@link #start}. */
  public WorkerTransport(
      BrokerLink link, WorkerCard card, TransportTimings timings, WorkerHandler handler) {
    this.link = link;
    this.card = card;
    this.subjects = new Subjects(card.getNamespace());
    this.timings = timings;
    this.handler = handler;
    this.counters = link.counters();
    this.requests = new RequestTable(timings.tailTtl(), System::nanoTime);
    this.leases = new GatewayLeases(timings.leaseTimeout(), System::nanoTime);
    this.cache = new KvPublisher(link, subjects, card, counters);
  }

  /** Subscribes and begins to send heartbeats, the first at once. */
  public void start() {
    Connection messages = link.messages();
    Dispatcher work = messages.createDispatcher();
    work.subscribe(subjects.generate(card.getPool(), card.getWorkerId()), this::onGenerate);
    work.subscribe(subjects.control(card.getPool(), card.getWorkerId()), this::onControl);
    Dispatcher others = messages.createDispatcher();
    others.subscribe(subjects.discover(card.getPool()), this::onDiscover);
    others.subscribe(subjects.gatewayStatus("*"), this::onGatewayStatus);
    cache.start(handler);
    link.onState(this::onBrokerState);
    timer.every(TICK, this::tick);
    timer.every(timings.heartbeat(), this::publishStatus);
  }

  private void onGenerate(Message message) {
    long received = System.nanoTime();
    GenerateRequest request;
    try {
      request = GenerateRequest.parseFrom(message.getData());
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
      return;
    }
    String replyTo = message.getReplyTo();
    if (replyTo == null || requests.find(request.getRequestId()) != null) {
      // Nobody to answer to, or a second copy of a message.
      counters.unparsable.increment();
      return;
    }
    WorkerStream stream = open(request, replyTo);
    Failed refusal = refusal(request);
    if (refusal != null) {
      stream.failed(refusal);
      return;
    }
    requests.add(stream);
    leases.begin(request.getGatewayId(), request.getGatewayIncarnation());
    IncomingRequest.remainingMillis(message)
        .ifPresent(millis -> deadlineIn(millis, request.getRequestId()));
    handler.onGenerate(new IncomingRequest(request, message, received, stream));
  }

  private WorkerStream open(GenerateRequest request, String replyTo) {
    return new WorkerStream(
        request.getRequestId(),
        request.getGatewayId(),
        request.getGatewayIncarnation(),
        card.getIncarnation(),
        replyTo,
        request.getWindow(),
        request.getOpenai().getWindowBytes(),
        new Outlet(),
        counters);
  }

  private @Nullable Failed refusal(GenerateRequest request) {
    long meant = request.getWorkerIncarnation();
    if (requests.takeTombstone(request.getRequestId())) {
      counters.tombstones.increment();
      return refusal(ErrorCode.ERROR_CANCELLED, "cancelled before it arrived");
    } else if (meant != 0 && meant != card.getIncarnation()) {
      return refusal(ErrorCode.ERROR_MISDIRECTED, "meant for an earlier life of this worker");
    } else if (stateNow() != WorkerState.WORKER_READY) {
      return refusal(ErrorCode.ERROR_DRAINING, "this worker takes nothing new: " + stateNow());
    }
    return null;
  }

  private static Failed refusal(ErrorCode code, String message) {
    return Failed.newBuilder().setCode(code).setMessage(message).setUntouched(true).build();
  }

  private void deadlineIn(long millis, String requestId) {
    timer.after(
        Duration.ofMillis(millis),
        () -> {
          if (requests.isLive(requestId)) {
            counters.deadlines.increment();
            handler.onCancel(requestId, "deadline");
          }
        });
  }

  private void onControl(Message message) {
    Control control;
    try {
      control = Control.parseFrom(message.getData());
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
      return;
    }
    switch (control.getWordCase()) {
      case CANCEL -> cancel(control.getCancel().getRequestId(), control.getCancel().getReason());
      case ACKNOWLEDGE -> {
        WorkerStream stream = requests.find(control.getAcknowledge().getRequestId());
        if (stream != null) {
          stream.onAcknowledged(control.getAcknowledge().getSequence());
          requests.dropIfSettled(stream);
        }
      }
      case RESUME -> resume(control, message.getReplyTo());
      case DRAIN -> handler.onDrain();
      case CORDON -> cordon(control.getCordon().getOn());
      case VERDICTS -> handler.onVerdicts(control.getVerdicts());
      case PROBE -> {
        if (message.getReplyTo() != null) {
          send(message.getReplyTo(), status().build().toByteArray());
        }
      }
      case WORD_NOT_SET -> {
        // Of a newer gateway, about something this worker does not know.
      }
    }
  }

  /** On the thread that requests come on: what follows this word is refused already. */
  private void cordon(boolean on) {
    if (cordoned != on) {
      LOG.info("{} by an operator", on ? "cordoned" : "uncordoned");
    }
    cordoned = on;
    timer.after(Duration.ZERO, this::publishStatus);
  }

  private WorkerState stateNow() {
    return cordoned && state == WorkerState.WORKER_READY ? WorkerState.WORKER_CORDONED : state;
  }

  private void cancel(String requestId, String reason) {
    if (requests.isLive(requestId)) {
      handler.onCancel(requestId, reason);
    } else if (requests.find(requestId) == null) {
      requests.addTombstone(requestId);
    }
  }

  private void resume(Control control, @Nullable String replyTo) {
    if (replyTo == null) {
      return;
    }
    counters.resumes.increment();
    String requestId = control.getResume().getRequestId();
    int from = control.getResume().getFromSequence();
    WorkerStream stream = requests.find(requestId);
    if (stream != null) {
      stream.onResume(from, replyTo);
      return;
    }
    send(
        replyTo,
        ReplyChunk.newBuilder()
            .setSequence(from)
            .setWorkerIncarnation(card.getIncarnation())
            .setFailed(refusal(ErrorCode.ERROR_UNKNOWN_REQUEST, "no such request here"))
            .build()
            .toByteArray());
  }

  private void onDiscover(Message message) {
    if (message.getReplyTo() != null) {
      send(message.getReplyTo(), card.toByteArray());
    }
  }

  private void onGatewayStatus(Message message) {
    try {
      long received = clock.getAsLong();
      GatewayStatus status = GatewayStatus.parseFrom(message.getData());
      echoes.heard(status, received);
      leases.heard(status).ifPresent(lost -> abort(lost, "its gateway " + lost.cause()));
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
    }
  }

  private void abort(GatewayLeases.Lost lost, String reason) {
    counters.leasesLost.increment();
    LOG.warn("gateway {} {}: its requests are aborted", lost.gatewayId(), lost.cause());
    for (WorkerStream stream : requests.of(lost.gatewayId(), lost.incarnation())) {
      if (!stream.ended()) {
        handler.onCancel(stream.requestId(), reason);
      }
      requests.drop(stream);
    }
  }

  private void onBrokerState(boolean connected) {
    if (connected) {
      listeningSince = System.nanoTime();
      // Not on the connection's own thread.
      timer.after(
          Duration.ZERO,
          () -> {
            publishStatus();
            requests.all().forEach(WorkerStream::onBrokerBack);
          });
    }
  }

  private void tick() {
    if (!link.connected()) {
      return;
    }
    requests.expire();
    leases
        .lost(listeningSince, requests::hasAny)
        .forEach(lost -> abort(lost, "its gateway " + lost.cause()));
  }

  private void publishStatus() {
    if (link.connected()) {
      send(subjects.status(card.getPool(), card.getWorkerId()), status().build().toByteArray());
    }
  }

  private WorkerStatus.Builder status() {
    WorkerStatus.Builder status = handler.status();
    for (var rank : status.getRanksBuilderList()) {
      rank.setKvEventId(cache.lastEventId(rank.getRank()));
    }
    return status
        .setWorkerId(card.getWorkerId())
        .setIncarnation(card.getIncarnation())
        .setBeat(beat.incrementAndGet())
        .setState(stateNow())
        .setIntervalMs((int) timings.heartbeat().toMillis())
        .addAllClock(echoes.at(clock.getAsLong()))
        .addAllLiveRequests(requests.liveIds());
  }

  private boolean send(String subject, byte[] body) {
    return BrokerLink.publish(link.messages(), subject, null, null, body);
  }

  /** Unix nanoseconds for echoes of heartbeats; of the wall clock unless another one is given. */
  public void clock(LongSupplier unixNanos) {
    clock = unixNanos;
  }

  /** Tells gateways of changes in a rank's cache; never waits, whoever calls. */
  public void publishKvEvents(int rank, long firstEventId, List<KvEvent> events) {
    cache.publish(rank, firstEventId, events);
  }

  /** What the worker is up to; told at once. New requests are taken only when ready. */
  public void state(WorkerState newState) {
    state = newState;
    timer.after(Duration.ZERO, this::publishStatus);
  }

  /** Requests that have not ended. */
  public int liveRequests() {
    return requests.live();
  }

  public TransportCounters counters() {
    return counters;
  }

  /** Waits, for a short while, until every last word has arrived; then says that it goes. */
  @Override
  public void close() {
    long until = System.nanoTime() + LAST_WORDS.toNanos();
    while (!requests.all().isEmpty() && link.connected() && System.nanoTime() < until) {
      LockSupport.parkNanos(LAST_WORDS_POLL.toNanos());
    }
    timer.close();
    state = WorkerState.WORKER_STOPPED;
    publishStatus();
  }

  private final class Outlet implements WorkerStream.Outlet {
    @Override
    public boolean send(String subject, byte[] body) {
      return WorkerTransport.this.send(subject, body);
    }

    @Override
    public void ended(WorkerStream stream) {
      requests.ended(stream);
    }
  }
}
