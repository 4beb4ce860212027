package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.baton.proto.Subjects;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Failed;
import io.baton.proto.v1.GatewayStatus;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerState;
import io.baton.proto.v1.WorkerStatus;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's end: takes legs, sends their chunks, tells what it is, how it is and what its cache
 * holds. Requests, control and gateways' heartbeats come on one NATS thread, in the order in which
 * they were sent. Thread-safe; no method waits for the broker, except {@link #close}.
 */
public final class WorkerTransport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerTransport.class);

  /** What an id takes in a heartbeat, and how much of a message they may take together. */
  private static final int LIVE_ID_BYTES = 72;

  private static final int LIVE_IDS_SHARE = 2;
  private static final int MAX_LIVE_IDS = 4096;

  private static final Duration LAST_WORDS = Duration.ofSeconds(3);
  private static final Duration LAST_WORDS_POLL = Duration.ofMillis(10);

  private final BrokerLink link;
  private final WorkerCard card;
  private final Subjects subjects;
  private final TransportTimings timings;
  private final WorkerHandler handler;
  private final HeardClock heard;
  private final RequestDesk desk;
  private final KvPublisher cache;
  private final SnapshotDesk snapshots;
  private final ClockEchoes clocks = new ClockEchoes(WallClock::unixNanos);
  private final AtomicLong beat = new AtomicLong();
  private final Timer timer = new Timer("baton-worker-timer");
  private volatile WorkerState state = WorkerState.WORKER_STARTING;

  /** An end that is not connected yet; call {@link #start}. */
  public WorkerTransport(
      BrokerLink link, WorkerCard card, TransportTimings timings, WorkerHandler handler) {
    this.link = link;
    this.card = card;
    this.subjects = new Subjects(card.getNamespace());
    this.timings = timings;
    this.handler = handler;
    this.heard = new HeardClock(timings.heartbeat(), timings.grace(), System::nanoTime);
    this.desk = new RequestDesk(link, card, handler, this::refusal, timings, heard, timer);
    this.cache = new KvPublisher(link, subjects, card);
    this.snapshots = new SnapshotDesk(link, card, handler::snapshot);
  }

  /** Subscribes and begins to send heartbeats, the first at once. */
  public void start() {
    String pool = card.getPool();
    String id = card.getWorkerId();
    Map<String, MessageHandler> inbox =
        Map.of(
            subjects.generate(pool, id), desk::onGenerate,
            subjects.control(pool, id), m -> desk.onControl(m, () -> answer(m, status())),
            subjects.discover(pool), m -> answer(m, card),
            subjects.gatewayStatus("*"), this::onGatewayStatus,
            subjects.status(pool, id), echo -> heard.echo());
    link.messages().watch(new Connection());
    link.messages().subscribe(inbox);
    snapshots.start(subjects);
    timer.every(HeardClock.TICK, this::tick);
    timer.every(timings.heartbeat(), this::publishStatus);
  }

  private @Nullable Failed refusal() {
    WorkerState now = state;
    return now == WorkerState.WORKER_READY
        ? null
        : RequestDesk.untouched(
            ErrorCode.ERROR_DRAINING, "state: " + now + " (expected: WORKER_READY)");
  }

  private void answer(Message question, MessageLite answer) {
    String replyTo = question.getReplyTo();
    if (replyTo == null) {
      link.counters().unparsable.increment();
    } else {
      var _ = link.messages().publish(replyTo, answer.toByteArray());
    }
  }

  private void onGatewayStatus(Message message) {
    try {
      GatewayStatus status = GatewayStatus.parseFrom(message.getData());
      clocks.heard(status);
      desk.onGatewayStatus(status);
    } catch (InvalidProtocolBufferException e) {
      link.counters().unparsable.increment();
    }
  }

  private void tick() {
    heard.tick();
    desk.tick();
  }

  private void publishStatus() {
    var _ =
        link.messages()
            .publish(subjects.status(card.getPool(), card.getWorkerId()), status().toByteArray());
  }

  private WorkerStatus status() {
    WorkerStatus.Builder status = loadAndCapacity();
    for (var rank : status.getRanksBuilderList()) {
      rank.setKvEventId(cache.lastEventId(rank.getRank()));
    }
    long liveIds = Math.min(MAX_LIVE_IDS, link.maxPayload() / LIVE_IDS_SHARE / LIVE_ID_BYTES);
    return status
        .setWorkerId(card.getWorkerId())
        .setIncarnation(card.getIncarnation())
        .setBeat(beat.incrementAndGet())
        .setState(state)
        .setIntervalMs((int) timings.heartbeat().toMillis())
        .setConnection(link.messages().connections())
        .addAllLiveRequests(desk.requests().liveIds(liveIds))
        .addAllClock(clocks.echoes())
        .build();
  }

  private WorkerStatus.Builder loadAndCapacity() {
    try {
      return handler.status();
    } catch (RuntimeException e) {
      // Without a heartbeat it would be taken for dead, with all its requests.
      LOG.error("load and capacity are missing from a heartbeat", e);
      return WorkerStatus.newBuilder();
    }
  }

  /** Tells gateways of changes in a rank's cache; never waits, whoever calls. */
  public void publishKvEvents(int rank, long firstEventId, List<KvEvent> events) {
    cache.publish(rank, firstEventId, events);
  }

  /** What the worker is up to; told at once. New requests are taken only when ready. */
  public void state(WorkerState newState) {
    state = newState;
    var _ = timer.after(0, this::publishStatus);
  }

  /** Requests that have not ended. */
  public int liveRequests() {
    return desk.requests().live();
  }

  public TransportCounters counters() {
    return link.counters();
  }

  /**
   * Says that it goes, once the gateways have all that was written, or have been given a while. The
   * only method that waits.
   */
  @Override
  public void close() {
    long until = System.nanoTime() + LAST_WORDS.toNanos();
    while (!desk.requests().isEmpty() && link.connected() && System.nanoTime() < until) {
      LockSupport.parkNanos(LAST_WORDS_POLL.toNanos());
    }
    timer.close();
    state = WorkerState.WORKER_STOPPED;
    publishStatus();
  }

  private final class Connection implements Channel.Watcher {
    @Override
    public void onConnected(boolean connected) {
      heard.connected(connected);
      if (connected) {
        // Its new number tells gateways to ask for what they miss; until they do, this connection
        // may not have the right to answer them.
        publishStatus();
      }
    }

    @Override
    public void onDiscarded(String subject, @Nullable String replyTo) {
      desk.onDiscarded(subject);
    }
  }
}
