package io.baton.proto;

import java.util.regex.Pattern;

/**
 * All NATS subjects of one namespace, laid out so that NATS permissions can say who may do what: a
 * gateway publishes to {@code *.worker.*.generate} and reads its own {@code reply}; a worker reads
 * its own subjects only.
 *
 * @param namespace separates fleets that share a broker; one subject token
 */
public record Subjects(String namespace) {
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  public Subjects {
    requireToken("namespace", namespace);
  }

  /** Gateway to worker: one request, with a reply-to. */
  public String generate(String pool, String workerId) {
    return worker(pool, workerId) + ".generate";
  }

  /** Gateway to worker: cancel, acknowledge, resume, drain, probe. */
  public String control(String pool, String workerId) {
    return worker(pool, workerId) + ".control";
  }

  /** Worker to all: heartbeat. {@code *} is allowed for both arguments. */
  public String status(String pool, String workerId) {
    return worker(pool, workerId) + ".status";
  }

  /** Worker to all: numbered KV events. {@code *} is allowed for both arguments. */
  public String kv(String pool, String workerId) {
    return worker(pool, workerId) + ".kv";
  }

  /** Gateway to worker: one page of its block set. */
  public String kvSnapshot(String pool, String workerId) {
    return worker(pool, workerId) + ".kv.snapshot";
  }

  /** Gateway to all workers of a pool: answer with your card. */
  public String discover(String pool) {
    return "baton." + namespace + "." + pool + ".discover";
  }

  /** Worker to gateway: the numbered chunks of one request. {@code *} is allowed as request. */
  public String reply(String gatewayId, String requestId) {
    return "baton." + namespace + ".reply." + gatewayId + "." + requestId;
  }

  /** Gateway to all: heartbeat and reservations. {@code *} is allowed. */
  public String gatewayStatus(String gatewayId) {
    return "baton." + namespace + ".gateway." + gatewayId + ".status";
  }

  /** Gateways to all: the trace level has been changed. */
  public String traceLevel() {
    return "baton." + namespace + ".trace.level";
  }

  /** Worker to gateways: an operator has changed the level there. {@code *} is allowed. */
  public String workerLevel(String pool, String workerId) {
    return worker(pool, workerId) + ".level";
  }

  /** Worker to one gateway: spans of its requests. {@code *} is allowed for the first two. */
  public String workerTrace(String pool, String workerId, String gatewayId) {
    return worker(pool, workerId) + ".trace." + gatewayId;
  }

  private String worker(String pool, String workerId) {
    return "baton." + namespace + "." + pool + ".worker." + workerId;
  }

  /**
   * Checks that a value can stand as one token of a subject.
   *
   * @throws IllegalArgumentException if not, naming the value and what is expected
   */
  public static String requireToken(String what, String value) {
    if (!TOKEN.matcher(value).matches()) {
      throw new IllegalArgumentException(
          what + ": " + value + " (expected: 1 to 64 of A-Z a-z 0-9 _ -)");
    }
    return value;
  }
}
