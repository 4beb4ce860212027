package io.baton.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.baton.proto.Subjects;
import io.baton.proto.v1.Control;
import io.baton.proto.v1.TraceSetting;
import io.baton.proto.v1.TraceSpans;
import io.baton.proto.v1.TraceVerdicts;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.util.List;

/**
 * A gateway's part in tracing the fleet: hears and tells the trace level, takes workers' spans,
 * says which deferred traces to keep. All but verdicts use the connection for events, so that spans
 * never queue beside tokens. Thread-safe; nothing waits.
 */
public final class GatewayTraceLink {
  /** Hears what comes. On NATS threads; must not block. */
  public interface Listener {
    /** Somebody's level; it may be older than what is known. */
    void onLevel(TraceSetting setting);

    /** What a worker recorded of this gateway's requests. */
    void onSpans(TraceSpans spans);
  }

  private static final long PENDING_MESSAGES = 4_096;
  private static final long PENDING_BYTES = 32L << 20;

  private final BrokerLink link;
  private final Subjects subjects;
  private final String gatewayId;
  private final long incarnation;
  private final Listener listener;

  /** A link that hears nothing yet; call {@link #start}. */
  public GatewayTraceLink(
      BrokerLink link, String namespace, String gatewayId, long incarnation, Listener listener) {
    this.link = link;
    this.subjects = new Subjects(namespace);
    this.gatewayId = gatewayId;
    this.incarnation = incarnation;
    this.listener = listener;
  }

  /** Subscribes, and asks for the fleet's level by telling its own, which is older. */
  public void start(TraceSetting own) {
    Connection events = link.events();
    Dispatcher levels = events.createDispatcher();
    levels.subscribe(subjects.traceLevel(), this::onLevel);
    levels.subscribe(subjects.workerLevel("*", "*"), this::onLevel);
    Dispatcher spans = events.createDispatcher();
    spans.setPendingLimits(PENDING_MESSAGES, PENDING_BYTES);
    spans.subscribe(subjects.workerTrace("*", "*", gatewayId), this::onSpans);
    tell(own);
  }

  private void onLevel(Message message) {
    try {
      listener.onLevel(TraceSetting.parseFrom(message.getData()));
    } catch (InvalidProtocolBufferException e) {
      link.counters().unparsable.increment();
    }
  }

  private void onSpans(Message message) {
    try {
      listener.onSpans(TraceSpans.parseFrom(message.getData()));
    } catch (InvalidProtocolBufferException e) {
      link.counters().unparsable.increment();
    }
  }

  /** Tells everybody the level. */
  public void tell(TraceSetting setting) {
    BrokerLink.publish(link.events(), subjects.traceLevel(), null, null, setting.toByteArray());
  }

  /** Tells a worker which traces to keep and which to drop; trace ids of 16 bytes. */
  public boolean tellVerdicts(WorkerAddress worker, List<ByteString> keep, List<ByteString> drop) {
    byte[] body =
        Control.newBuilder()
            .setGatewayId(gatewayId)
            .setGatewayIncarnation(incarnation)
            .setVerdicts(TraceVerdicts.newBuilder().addAllKeep(keep).addAllDrop(drop))
            .build()
            .toByteArray();
    return BrokerLink.publish(
        link.messages(), subjects.control(worker.pool(), worker.workerId()), null, null, body);
  }
}
