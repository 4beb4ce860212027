package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Subjects;
import io.baton.proto.v1.Control;
import io.baton.proto.v1.ReplyChunk;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All requests of a gateway whose workers may still speak, told apart by the last token of the
 * reply subject, and the way to their workers. Thread-safe: each stream guards itself.
 */
final class StreamTable {
  private static final String GENERATE = ".generate";

  private final Channel channel;
  private final Subjects subjects;
  private final String gatewayId;
  private final long incarnation;
  private final TransportTimings timings;
  private final HeardClock heard;
  private final TransportCounters counters;
  private final Wire wire = new Wire();
  private final Map<String, GatewayStream> streams = new ConcurrentHashMap<>();

  StreamTable(
      BrokerLink link,
      Subjects subjects,
      String gatewayId,
      long incarnation,
      TransportTimings timings,
      HeardClock heard) {
    this.channel = link.messages();
    this.subjects = subjects;
    this.gatewayId = gatewayId;
    this.incarnation = incarnation;
    this.timings = timings;
    this.heard = heard;
    this.counters = link.counters();
  }

  /**
   * Publishes a request; whatever becomes of it comes through the listener.
   *
   * @param known tells whether a worker is in the fleet
   * @throws IllegalArgumentException if a request of this id is under way, or for headers that
   *     cannot be sent
   */
  GatewayStream send(Outgoing request, ReplyListener listener, Predicate<WorkerAddress> known) {
    var headers = request.headersAt(request.sentNanos());
    var stream = new GatewayStream(request, listener, timings, wire, counters, System::nanoTime);
    if (streams.putIfAbsent(request.requestId(), stream) != null) {
      throw new IllegalArgumentException(
          "request_id: " + request.requestId() + " (expected: one that is not under way)");
    }
    if (!known.test(request.worker())) {
      stream.lost(
          new Loss(Loss.Cause.NO_RESPONDERS, "not sent, it is not in the fleet (any more)"));
      return stream;
    }
    switch (wire.publish(request, headers)) {
      case QUEUED -> {
        // A worker that leaves from now on takes its streams along; one that has just left did not.
        if (!known.test(request.worker())) {
          stream.lost(new Loss(Loss.Cause.WORKER_DIED, "it has just left the fleet"));
        }
      }
      case AWAY ->
          stream.lost(new Loss(Loss.Cause.BROKER_UNAVAILABLE, "not sent, the broker is away"));
      case TOO_LARGE ->
          // Its size was checked, so the broker has changed its limit meanwhile.
          stream.lost(new Loss(Loss.Cause.BROKER_UNAVAILABLE, "larger than the broker now takes"));
    }
    return stream;
  }

  /**
   * A message on a reply subject.
   *
   * @param doubted is told of a worker in whose place nobody listens
   */
  void onReply(String requestId, Message message, Consumer<WorkerAddress> doubted) {
    GatewayStream stream = streams.get(requestId);
    if (stream == null) {
      if (!message.isStatusMessage()) {
        counters.chunksLate.increment();
      }
    } else if (message.isStatusMessage()) {
      if (stream.onNoResponders(heard.settling())) {
        doubted.accept(stream.worker());
      }
    } else {
      try {
        stream.onChunk(ReplyChunk.parseFrom(message.getData()));
      } catch (InvalidProtocolBufferException e) {
        counters.unparsable.increment();
      }
    }
  }

  /** A message to a worker was dropped on its way out. Control words are repeated by the ticks. */
  void onDiscarded(String subject, @Nullable String replyTo) {
    if (replyTo == null || !subject.endsWith(GENERATE)) {
      return;
    }
    GatewayStream stream = streams.get(replyTo.substring(replyTo.lastIndexOf('.') + 1));
    if (stream != null) {
      stream.lost(
          new Loss(Loss.Cause.OUTGOING_QUEUE_FULL, "not sent, more waits than the broker takes"));
    }
  }

  void onBrokerBack() {
    streams.values().forEach(GatewayStream::onInterrupted);
  }

  /** A worker has a new connection: what it sent over the old one may be lost. */
  void onReconnected(WorkerAddress worker) {
    forEachOf(worker, GatewayStream::onInterrupted);
  }

  void lost(WorkerAddress worker, Loss loss) {
    forEachOf(worker, stream -> stream.lost(loss));
  }

  private void forEachOf(WorkerAddress worker, Consumer<GatewayStream> action) {
    for (GatewayStream stream : streams.values()) {
      if (stream.worker().equals(worker)) {
        action.accept(stream);
      }
    }
  }

  void loseAll(Loss loss) {
    streams.values().forEach(stream -> stream.lost(loss));
  }

  void tick() {
    streams.values().forEach(GatewayStream::tick);
  }

  /** Streams that somebody reads. */
  int open() {
    int open = 0;
    for (GatewayStream stream : streams.values()) {
      if (stream.open()) {
        open++;
      }
    }
    return open;
  }

  /** Tells a worker something; {@code requestId} names the subject on which it may answer. */
  void tell(WorkerAddress worker, String requestId, Control.Builder word) {
    byte[] body =
        word.setGatewayId(gatewayId).setGatewayIncarnation(incarnation).build().toByteArray();
    var _ =
        channel.publish(
            subjects.control(worker.pool(), worker.workerId()),
            subjects.reply(gatewayId, requestId),
            null,
            body);
  }

  private final class Wire implements GatewayStream.Wire {
    Channel.Delivery publish(Outgoing request, Headers headers) {
      WorkerAddress to = request.worker();
      return channel.publish(
          subjects.generate(to.pool(), to.workerId()),
          subjects.reply(gatewayId, request.requestId()),
          headers,
          request.body());
    }

    @Override
    public void tell(WorkerAddress worker, String requestId, Control.Builder word) {
      StreamTable.this.tell(worker, requestId, word);
    }

    @Override
    public void sendAgain(Outgoing request) {
      var _ = publish(request, request.headersAt(System.nanoTime()));
    }

    @Override
    public void ended(GatewayStream stream) {
      streams.remove(stream.requestId(), stream);
    }
  }
}
