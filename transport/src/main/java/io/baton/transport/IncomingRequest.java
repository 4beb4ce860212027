package io.baton.transport;

import io.baton.proto.Headers;
import io.baton.proto.v1.GenerateRequest;
import io.nats.client.Message;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A leg that has arrived at a worker. */
public final class IncomingRequest {
  private final GenerateRequest request;
  private final Message message;
  private final long receivedNanoTime;
  private final ReplyWriter replies;

  IncomingRequest(
      GenerateRequest request, Message message, long receivedNanoTime, ReplyWriter replies) {
    this.request = request;
    this.message = message;
    this.receivedNanoTime = receivedNanoTime;
    this.replies = replies;
  }

  public GenerateRequest request() {
    return request;
  }

  /** A header's value; null if it is absent. */
  public @Nullable String header(String name) {
    return header(message, name);
  }

  static @Nullable String header(Message message, String name) {
    return message.hasHeaders() ? message.getHeaders().getFirst(name) : null;
  }

  /** {@link System#nanoTime} when it arrived. */
  public long receivedNanoTime() {
    return receivedNanoTime;
  }

  /** Milliseconds until the deadline, as of its arrival. */
  public OptionalLong remainingMillis() {
    return remainingMillis(message);
  }

  static OptionalLong remainingMillis(Message message) {
    String value = header(message, Headers.REMAINING_MS);
    return value != null && value.matches("[0-9]{1,15}")
        ? OptionalLong.of(Long.parseLong(value))
        : OptionalLong.empty();
  }

  public int payloadBytes() {
    return message.getData().length;
  }

  public ReplyWriter replies() {
    return replies;
  }
}
