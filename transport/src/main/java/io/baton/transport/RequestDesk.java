package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Subjects;
import io.baton.proto.v1.Control;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Failed;
import io.baton.proto.v1.GatewayStatus;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.WorkerCard;
import io.baton.transport.Channel.Delivery;
import io.nats.client.Message;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in a worker's requests and the words about them, and ends those whose gateway or time is
 * gone. {@link #onGenerate}, {@link #onControl} and {@link #onGatewayStatus} come on one NATS
 * thread, so that a cancel never overtakes its request; deadlines and {@link #tick} on the timer.
 */
final class RequestDesk {
  private static final Logger LOG = LoggerFactory.getLogger(RequestDesk.class);

  /** The engine's own limits are far below; this one only bounds memory. */
  private static final int MAX_LIVE = 65_536;

  private final Channel channel;
  private final WorkerCard card;
  private final WorkerHandler handler;
  private final Supplier<@Nullable Failed> refusal;
  private final Timer timer;
  private final TransportCounters counters;
  private final RequestTable requests;
  private final GatewayLeases leases;
  private final Outlet outlet = new Outlet();

  /**
   * An empty desk.
   *
   * @param refusal why the worker takes nothing new at all; null if it does
   */
  RequestDesk(
      BrokerLink link,
      WorkerCard card,
      WorkerHandler handler,
      Supplier<@Nullable Failed> refusal,
      TransportTimings timings,
      HeardClock heard,
      Timer timer) {
    this.channel = link.messages();
    this.card = card;
    this.handler = handler;
    this.refusal = refusal;
    this.timer = timer;
    this.counters = link.counters();
    this.requests = new RequestTable(timings.tailTtl(), heard::nanos);
    this.leases = new GatewayLeases(timings.leaseTimeout(), heard::nanos);
  }

  void onGenerate(Message message) {
    long received = System.nanoTime();
    String replyTo = message.getReplyTo();
    GenerateRequest request;
    try {
      request = GenerateRequest.parseFrom(message.getData());
      Subjects.requireToken("request_id", request.getRequestId());
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      counters.unparsable.increment();
      return;
    }
    if (replyTo == null) {
      counters.unparsable.increment();
      return;
    }
    WorkerStream known = requests.find(request.getRequestId());
    if (known != null) {
      counters.requestsDuplicate.increment();
      known.onResume(0, replyTo);
      return;
    }
    begin(request, message, replyTo, received);
  }

  private void begin(GenerateRequest request, Message message, String replyTo, long received) {
    RequestTable.Tombstone tombstone = requests.tombstone(request.getRequestId());
    if (tombstone == RequestTable.Tombstone.ENDED) {
      // Its gateway has the whole answer.
      counters.requestsDuplicate.increment();
      return;
    }
    OptionalLong remainingMillis = IncomingRequest.remainingMillis(message);
    WorkerStream stream = stream(request, replyTo);
    Failed refused = refusal(request, tombstone, remainingMillis);
    if (refused != null) {
      stream.failed(refused);
      return;
    }
    requests.add(stream);
    leases.renew(request.getGatewayId(), request.getGatewayIncarnation()).ifPresent(this::abort);
    if (remainingMillis.isPresent()) {
      deadlineIn(remainingMillis.getAsLong(), stream);
    }
    handOver(new IncomingRequest(request, message, received, stream));
  }

  private WorkerStream stream(GenerateRequest request, String replyTo) {
    return new WorkerStream(
        request.getRequestId(),
        request.getGatewayId(),
        request.getGatewayIncarnation(),
        card.getIncarnation(),
        replyTo,
        request.getWindow(),
        request.getOpenai().getWindowBytes(),
        outlet,
        counters);
  }

  private @Nullable Failed refusal(
      GenerateRequest request,
      RequestTable.@Nullable Tombstone tombstone,
      OptionalLong remainingMillis) {
    long meant = request.getWorkerIncarnation();
    if (tombstone != null) {
      counters.tombstones.increment();
      return untouched(ErrorCode.ERROR_CANCELLED, "cancelled before it arrived");
    } else if (meant != 0 && meant != card.getIncarnation()) {
      return untouched(ErrorCode.ERROR_MISDIRECTED, "meant for an earlier life of this worker");
    } else if (remainingMillis.isPresent() && remainingMillis.getAsLong() == 0) {
      counters.deadlines.increment();
      return untouched(ErrorCode.ERROR_DEADLINE, "the deadline had passed when it arrived");
    } else if (requests.live() >= MAX_LIVE) {
      return untouched(ErrorCode.ERROR_BUSY, "live requests: " + requests.live());
    }
    return refusal.get();
  }

  static Failed untouched(ErrorCode code, String message) {
    return Failed.newBuilder().setCode(code).setMessage(message).setUntouched(true).build();
  }

  private void handOver(IncomingRequest incoming) {
    try {
      handler.onGenerate(incoming);
    } catch (RuntimeException e) {
      String id = incoming.request().getRequestId();
      LOG.error("request {} could not be taken", id, e);
      incoming
          .replies()
          .failed(
              Failed.newBuilder()
                  .setCode(ErrorCode.ERROR_ENGINE)
                  .setMessage("the worker could not take the request: " + e)
                  .build());
    }
  }

  private void deadlineIn(long millis, WorkerStream stream) {
    Future<?> timeout =
        timer.after(
            TimeUnit.MILLISECONDS.toNanos(millis),
            () -> {
              if (!stream.ended()) {
                counters.deadlines.increment();
                cancel(stream, "deadline");
              }
            });
    stream.deadline(timeout);
  }

  private void cancel(WorkerStream stream, String reason) {
    if (stream.onCancelled()) {
      handler.onCancel(stream.requestId(), reason);
    }
  }

  void onControl(Message message, Runnable onProbe) {
    Control control;
    try {
      control = Control.parseFrom(message.getData());
    } catch (InvalidProtocolBufferException e) {
      counters.unparsable.increment();
      return;
    }
    switch (control.getWordCase()) {
      case CANCEL -> onCancel(control);
      case ACKNOWLEDGE -> {
        WorkerStream stream = find(control, control.getAcknowledge().getRequestId());
        if (stream != null) {
          stream.onAcknowledged(control.getAcknowledge().getSequence());
          requests.dropIfSettled(stream);
        }
      }
      case RESUME -> onResume(control, message.getReplyTo());
      case DRAIN -> handler.onDrain();
      case PROBE -> onProbe.run();
      case WORD_NOT_SET -> {
        // Of a newer gateway, about something this worker does not know.
      }
    }
  }

  /** A stream, if it is that gateway's own: another one's words about it do not count. */
  private @Nullable WorkerStream find(Control control, String requestId) {
    WorkerStream stream = requests.find(requestId);
    boolean own =
        stream != null
            && stream.gatewayId().equals(control.getGatewayId())
            && stream.gatewayIncarnation() == control.getGatewayIncarnation();
    return own ? stream : null;
  }

  private void onCancel(Control control) {
    String requestId = control.getCancel().getRequestId();
    WorkerStream stream = find(control, requestId);
    if (stream != null) {
      cancel(stream, control.getCancel().getReason());
    } else if (requests.find(requestId) == null && requests.tombstone(requestId) == null) {
      requests.bury(requestId, RequestTable.Tombstone.CANCELLED);
    }
  }

  private void onResume(Control control, @Nullable String replyTo) {
    if (replyTo == null) {
      counters.unparsable.increment();
      return;
    }
    counters.resumes.increment();
    int from = control.getResume().getFromSequence();
    WorkerStream stream = find(control, control.getResume().getRequestId());
    if (stream != null && stream.onResume(from, replyTo)) {
      return;
    }
    var _ =
        channel.publish(
            replyTo,
            ReplyChunk.newBuilder()
                .setSequence(from)
                .setWorkerIncarnation(card.getIncarnation())
                .setFailed(untouched(ErrorCode.ERROR_UNKNOWN_REQUEST, "no such request here"))
                .build()
                .toByteArray());
  }

  void onGatewayStatus(GatewayStatus status) {
    leases.heard(status).ifPresent(this::abort);
  }

  private void abort(GatewayLeases.Lost lost) {
    counters.leasesLost.increment();
    LOG.warn("gateway {} {}: its requests are aborted", lost.gatewayId(), lost.cause());
    for (WorkerStream stream : requests.of(lost.gatewayId(), lost.incarnation())) {
      requests.drop(stream);
      if (stream.abandon()) {
        handler.onCancel(stream.requestId(), "its gateway " + lost.cause());
      }
    }
  }

  /** Called now and then, also while the broker is away: time stands still then. */
  void tick() {
    requests.expire();
    leases.expired(requests::hasAny).forEach(this::abort);
  }

  /** A chunk was dropped on its way out. */
  void onDiscarded(String subject) {
    WorkerStream stream = requests.find(subject.substring(subject.lastIndexOf('.') + 1));
    if (stream != null) {
      stream.breakOff(
          ErrorCode.ERROR_OUTGOING_QUEUE_FULL, "more waits than the worker's broker takes");
    }
  }

  RequestTable requests() {
    return requests;
  }

  private final class Outlet implements WorkerStream.Outlet {
    @Override
    public Delivery send(String subject, byte[] body) {
      return channel.publish(subject, body);
    }

    @Override
    public long maxPayload() {
      return channel.maxPayload();
    }

    @Override
    public void ended(WorkerStream stream) {
      requests.ended(stream);
    }

    @Override
    public void brokenOff(WorkerStream stream, String reason) {
      LOG.error("request {} broken off: {}", stream.requestId(), reason);
      // Not under the stream's lock.
      var _ = timer.after(0, () -> handler.onCancel(stream.requestId(), reason));
    }
  }
}
