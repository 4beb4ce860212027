package io.baton.proto;

/** Names of the NATS headers on {@code generate} messages. Case matters on NATS. */
public final class Headers {
  /** W3C trace context. */
  public static final String TRACEPARENT = "traceparent";

  /** W3C trace state; absent if empty. */
  public static final String TRACESTATE = "tracestate";

  /** The id that the client sees in {@code x-request-id}. */
  public static final String REQUEST_ID = "x-request-id";

  /** Milliseconds that remain until the deadline, a whole number; absent if there is none. */
  public static final String REMAINING_MS = "baton-remaining-ms";

  /** Which attempt of the leg this is, from 1. */
  public static final String ATTEMPT = "baton-attempt";

  /**
   * Trace level, 0 to 3, decided once at the gateway; followed by {@code ;deferred} if it says only
   * at the end whether the trace is kept.
   */
  public static final String TRACE_LEVEL = "baton-trace-level";

  /**
   * When the message was handed to the broker connection, unix nanoseconds of the sender's clock.
   */
  public static final String SENT_UNIX_NANOS = "baton-sent-unix-nanos";

  /**
   * How far the worker's clock is ahead of the gateway's and how wrong that may be, in nanoseconds:
   * {@code offset;error}. Absent until it has been measured.
   */
  public static final String CLOCK = "baton-clock";

  private Headers() {}
}
