package io.baton.gateway.relay;

import io.baton.gateway.api.ApiException;
import io.baton.gateway.fleet.FleetWorker;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Failed;
import io.baton.transport.Loss;

/**
 * Why an attempt gave no answer: the one table of what a failure means to the client and whether
 * another worker may be tried before the first byte.
 *
 * @param blame whether the worker did it, and so should get less work
 * @param cause short and of few values
 * @param worker the worker to avoid next time
 */
record AttemptFailure(
    ApiException error, boolean retryable, Blame blame, String cause, FleetWorker worker) {
  private static final int RETRY_AFTER_SECONDS = 1;

  /** What a failure says of the worker. */
  enum Blame {
    /** Nothing: the request, the deadline, the broker, a full house, the other leg. */
    NONE,
    /** It broke or stalled a stream. */
    BROKE_STREAM
  }

  /** Whether an answer that has begun may be continued by another worker. */
  boolean migratable() {
    return retryable || blame == Blame.BROKE_STREAM;
  }

  /** Whether it has cost nobody anything: a worker that takes nothing new says so at its door. */
  boolean free() {
    return cause.equals(ErrorCode.ERROR_DRAINING.name())
        || cause.equals(ErrorCode.ERROR_MISDIRECTED.name());
  }

  /** It has said nothing for too long in the middle of an answer. */
  static AttemptFailure stalled(FleetWorker worker) {
    return new AttemptFailure(
        ApiException.workerFailed(
            "The worker that answered this request went silent.", "worker_stalled"),
        true,
        Blame.BROKE_STREAM,
        "STALLED",
        worker);
  }

  /** The same failure, put down to another worker, which is not blamed. */
  AttemptFailure of(FleetWorker other) {
    return new AttemptFailure(error, retryable, Blame.NONE, cause, other);
  }

  /** A worker said that it could not. */
  static AttemptFailure of(Failed failed, FleetWorker worker) {
    String cause = failed.getCode().name();
    return switch (failed.getCode()) {
      case ERROR_INVALID_REQUEST ->
          new AttemptFailure(
              ApiException.invalid(
                  failed.getParam().isEmpty() ? null : failed.getParam(), failed.getMessage()),
              false,
              Blame.NONE,
              cause,
              worker);
      case ERROR_BUSY, ERROR_DRAINING, ERROR_MISDIRECTED ->
          new AttemptFailure(
              ApiException.unavailable(
                  "All workers for this model are busy. Try again.", RETRY_AFTER_SECONDS),
              true,
              Blame.NONE,
              cause,
              worker);
      case ERROR_DEADLINE ->
          new AttemptFailure(
              ApiException.workerFailed("The deadline passed on the worker.", "deadline_exceeded"),
              false,
              Blame.NONE,
              cause,
              worker);
      case ERROR_HANDOFF ->
          new AttemptFailure(
              ApiException.workerFailed(
                  "The handoff between the prefill and the decode worker broke off.",
                  "handoff_failed"),
              true,
              Blame.NONE,
              cause,
              worker);
      default ->
          new AttemptFailure(
              ApiException.workerFailed("The engine behind this model failed.", "engine_error"),
              // A connection that breaks, or a 500, before anything of an answer: another may do
              // it.
              failed.getUntouched() || failed.getCode() == ErrorCode.ERROR_ENGINE,
              failed.getCode() == ErrorCode.ERROR_CANCELLED ? Blame.NONE : Blame.BROKE_STREAM,
              cause,
              worker);
    };
  }

  /** A worker or the way to it was lost. */
  static AttemptFailure of(Loss loss, FleetWorker worker) {
    ApiException error =
        switch (loss.cause()) {
          case BROKER_UNAVAILABLE, OUTGOING_QUEUE_FULL ->
              ApiException.unavailable(
                  "The message broker is not reachable. Try again.", RETRY_AFTER_SECONDS);
          default ->
              ApiException.workerFailed(
                  "The worker that answered this request was lost. Try again.", "worker_lost");
        };
    boolean retryable = loss.cause() != Loss.Cause.BROKER_UNAVAILABLE;
    Blame blame = loss.cause() == Loss.Cause.STREAM_BROKEN ? Blame.BROKE_STREAM : Blame.NONE;
    return new AttemptFailure(error, retryable, blame, loss.cause().name(), worker);
  }
}
