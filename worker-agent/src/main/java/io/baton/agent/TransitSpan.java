package io.baton.agent;

import io.baton.proto.Headers;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.TraceScope;
import io.baton.transport.IncomingRequest;
import io.opentelemetry.api.trace.SpanKind;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request's way through the broker and this process's dispatcher. Only the receiver knows its
 * end, so the receiver makes the span; its start is the sender's stamp, moved to the clock here by
 * the offset that the gateway has measured. The raw stamps stand beside it.
 */
final class TransitSpan {
  /** Messages that seem to have come before they were sent, measured offset and error allowed. */
  static final LongAdder VIOLATIONS = new LongAdder();

  private static final Pattern CLOCK = Pattern.compile("(-?[0-9]{1,19});([0-9]{1,19})");

  private TransitSpan() {}

  static void add(TraceScope trace, SpanDraft payload, IncomingRequest incoming, long received) {
    String stamp = incoming.header(Headers.SENT_UNIX_NANOS);
    if (stamp == null || !stamp.matches("[0-9]{1,19}")) {
      return;
    }
    long sent = Long.parseLong(stamp);
    Matcher clock = clock(incoming.header(Headers.CLOCK));
    long offset = clock == null ? 0 : Long.parseLong(clock.group(1));
    long error = clock == null ? 0 : Long.parseLong(clock.group(2));
    long start = sent + offset;
    SpanDraft span =
        trace
            .top(SpanNames.BROKER_TRANSIT, SpanKind.CONSUMER, Math.min(start, received))
            .set(SpanNames.MESSAGING_SYSTEM, "nats")
            .set(SpanNames.SENT_UNIX_NANOS, sent)
            .set(SpanNames.RECEIVED_UNIX_NANOS, received);
    if (clock != null) {
      describe(span, offset, error);
      describe(payload, offset, error);
    }
    if (start > received + error) {
      VIOLATIONS.increment();
      span.set(SpanNames.CLOCK_VIOLATION_NANOS, start - received - error);
    }
    span.end(received);
    payload.set(SpanNames.TRANSIT_SECONDS, (received - start) / 1e9);
  }

  private static void describe(SpanDraft span, long offset, long error) {
    span.set(SpanNames.CLOCK_OFFSET_NANOS, offset).set(SpanNames.CLOCK_ERROR_NANOS, error);
  }

  private static @Nullable Matcher clock(@Nullable String header) {
    Matcher matcher = CLOCK.matcher(header == null ? "" : header);
    return matcher.matches() ? matcher : null;
  }
}
