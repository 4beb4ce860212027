package io.baton.transport;

import io.baton.proto.Headers;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request as it goes over the wire, kept so that it can be sent again.
 *
 * @param headers by name, without those that depend on the time of sending
 * @param sentNanos when it was sent first
 */
record Outgoing(
    String requestId,
    WorkerAddress worker,
    int window,
    Map<String, String> headers,
    byte[] body,
    long sentUnixNanos,
    long sentNanos) {
  /** What a header line costs beside name and value, and the line that opens them. */
  private static final int HEADER_LINE_BYTES = 4;

  private static final int HEADER_OPENING_BYTES = 12;

  Outgoing {
    headers = Map.copyOf(headers);
    String remaining = headers.get(Headers.REMAINING_MS);
    if (remaining != null && !remaining.matches("[0-9]{1,15}")) {
      throw new IllegalArgumentException(
          Headers.REMAINING_MS + ": " + remaining + " (expected: whole milliseconds)");
    }
  }

  /** The headers, with as much time left as there is now. */
  io.nats.client.impl.Headers headersAt(long now) {
    var all = new io.nats.client.impl.Headers();
    headers.forEach((name, value) -> all.put(name, value));
    all.put(Headers.SENT_UNIX_NANOS, Long.toString(sentUnixNanos));
    String remaining = remainingMillis(now);
    if (remaining != null) {
      all.put(Headers.REMAINING_MS, remaining);
    }
    return all;
  }

  private @Nullable String remainingMillis(long now) {
    String atFirst = headers.get(Headers.REMAINING_MS);
    if (atFirst == null) {
      return null;
    }
    long gone = TimeUnit.NANOSECONDS.toMillis(now - sentNanos);
    return Long.toString(Math.max(0, Long.parseLong(atFirst) - gone));
  }

  /** Size of the message for the broker's {@code max_payload}, which counts headers too. */
  long bytes() {
    long bytes = HEADER_OPENING_BYTES + (long) body.length;
    for (var header : headers.entrySet()) {
      bytes += header.getKey().length() + header.getValue().length() + HEADER_LINE_BYTES;
    }
    return bytes + Headers.SENT_UNIX_NANOS.length() + 19 + HEADER_LINE_BYTES;
  }
}
