package io.baton.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Subjects;
import io.baton.proto.v1.TraceSetting;
import io.baton.proto.v1.TraceSpans;
import io.baton.proto.v1.WorkerCard;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.util.function.Consumer;

/**
 * A worker's part in tracing the fleet: hears and tells the trace level, and sends its spans to the
 * gateways whose requests they are of. On the connection for events, so that spans never queue
 * beside tokens. Thread-safe; nothing waits.
 */
public final class WorkerTraceLink {
  /** Room for the message around the spans. */
  private static final int ENVELOPE_BYTES = 1024;

  private final BrokerLink link;
  private final WorkerCard card;
  private final Subjects subjects;

  /** A link that hears nothing yet; call {@link #start}. */
  public WorkerTraceLink(BrokerLink link, WorkerCard card) {
    this.link = link;
    this.card = card;
    this.subjects = new Subjects(card.getNamespace());
  }

  /**
   * Subscribes, and asks for the fleet's level by telling its own, which is older.
   *
   * @param onLevel hears every level that a gateway tells; on a NATS thread, must not block
   */
  public void start(TraceSetting own, Consumer<TraceSetting> onLevel) {
    Dispatcher levels = link.events().createDispatcher();
    levels.subscribe(subjects.traceLevel(), message -> onLevel(message, onLevel));
    tell(own);
  }

  private void onLevel(Message message, Consumer<TraceSetting> onLevel) {
    try {
      onLevel.accept(TraceSetting.parseFrom(message.getData()));
    } catch (InvalidProtocolBufferException e) {
      link.counters().unparsable.increment();
    }
  }

  /** Tells the gateways the level; they tell everybody else. */
  public void tell(TraceSetting setting) {
    String subject = subjects.workerLevel(card.getPool(), card.getWorkerId());
    BrokerLink.publish(link.events(), subject, null, null, setting.toByteArray());
  }

  /** Bytes of spans that one message may carry. */
  public int mostBytes() {
    return (int) Math.min(512 << 10, link.maxPayload() - ENVELOPE_BYTES);
  }

  /**
   * Sends spans to the gateway whose requests they are of.
   *
   * @return false if the broker is away; then they are lost
   */
  public boolean send(String gatewayId, TraceSpans.Builder spans) {
    byte[] body =
        spans
            .setWorkerId(card.getWorkerId())
            .setIncarnation(card.getIncarnation())
            .build()
            .toByteArray();
    String subject = subjects.workerTrace(card.getPool(), card.getWorkerId(), gatewayId);
    return BrokerLink.publish(link.events(), subject, null, null, body);
  }
}
