package io.baton.transport;

import io.baton.proto.v1.Acknowledge;
import io.baton.proto.v1.Cancel;
import io.baton.proto.v1.Control;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.Resume;
import io.baton.transport.Loss.Cause;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's end of one request. Chunks count up from 0; whatever is not the next one is either a
 * duplicate or shows a gap, and then everything from the gap on is asked for again. Guarded by its
 * own lock; the listener is called under it, so that chunks and the end come in order.
 */
final class GatewayStream implements ReplyStream {
  /** Sends a word about a request to its worker. */
  interface Controls {
    void send(WorkerAddress worker, String requestId, Control.Builder word);

    void ended(String requestId);
  }

  private static final long CANCEL_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** A silent stream may be one whose worker waits for an acknowledgement that was lost. */
  private static final long ACKNOWLEDGE_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String requestId;
  private final WorkerAddress worker;
  private final int window;
  private final ReplyListener listener;
  private final Controls controls;
  private final TransportCounters counters;
  private int expected;
  private int acknowledged = -1;
  private int toldAcknowledged = -1;
  private long askedNanos;
  private long heardNanos;
  private long cancelToldNanos;
  private boolean missing;
  private @Nullable String cancelReason;
  private boolean ended;

  GatewayStream(
      String requestId,
      WorkerAddress worker,
      int window,
      ReplyListener listener,
      Controls controls,
      TransportCounters counters) {
    this.requestId = requestId;
    this.worker = worker;
    this.window = window;
    this.listener = listener;
    this.controls = controls;
    this.counters = counters;
  }

  synchronized void onChunk(ReplyChunk chunk, long now) {
    if (ended) {
      counters.chunksLate.increment();
      return;
    }
    heardNanos = now;
    if (chunk.getWorkerIncarnation() != worker.incarnation()) {
      lost(new Loss(Cause.WORKER_RESTARTED, "answered by another life of " + worker.workerId()));
    } else if (chunk.getContentCase() == ReplyChunk.ContentCase.CONTENT_NOT_SET) {
      // The answer to a resume when there is nothing newer.
      missing = chunk.getSequence() > expected;
    } else if (chunk.getSequence() == expected) {
      next(chunk);
    } else if (chunk.getSequence() < expected) {
      counters.chunksDuplicate.increment();
    } else {
      counters.gaps.increment();
      missing = true;
      askAgain(now, 0);
    }
  }

  private void next(ReplyChunk chunk) {
    missing = false;
    boolean unknown =
        chunk.hasFailed() && chunk.getFailed().getCode() == ErrorCode.ERROR_UNKNOWN_REQUEST;
    if (unknown) {
      lost(new Loss(Cause.STREAM_BROKEN, "worker " + worker.workerId() + " does not know it"));
      return;
    }
    expected++;
    counters.chunksReceived.increment();
    boolean last = chunk.hasFinished() || chunk.hasFailed();
    if (last) {
      ended = true;
      controls.ended(requestId);
      // So that the worker need not keep its end any longer.
      tellAcknowledged(chunk.getSequence());
    }
    listener.onChunk(chunk);
  }

  /** Nobody listens for this worker's requests. */
  synchronized void onNoResponders(boolean brokerJustBack) {
    if (!ended && expected == 0 && !brokerJustBack) {
      lost(
          new Loss(
              Cause.NO_RESPONDERS, "nobody listens for worker " + worker.workerId() + " any more"));
    }
    // Otherwise the worker may only have lost its connection: its silence will tell.
  }

  /** The broker was away: chunks may be missing without a sign of it. */
  synchronized void onBrokerBack(long now) {
    if (!ended) {
      missing = true;
      askAgain(now, 0);
    }
  }

  /**
   * Called now and then: repeats questions, acknowledgements and cancels that may have been lost.
   */
  synchronized void tick(long now, long resumeIntervalNanos) {
    if (ended) {
      return;
    }
    if (missing) {
      askAgain(now, resumeIntervalNanos);
    }
    if (acknowledged >= 0 && now - heardNanos >= ACKNOWLEDGE_AGAIN_NANOS) {
      heardNanos = now;
      tellAcknowledged(acknowledged);
    }
    if (cancelReason != null && now - cancelToldNanos >= CANCEL_AGAIN_NANOS) {
      tellCancel(now);
    }
  }

  private void askAgain(long now, long intervalNanos) {
    if (intervalNanos == 0 || now - askedNanos >= intervalNanos) {
      askedNanos = now;
      counters.resumes.increment();
      controls.send(
          worker,
          requestId,
          Control.newBuilder()
              .setResume(Resume.newBuilder().setRequestId(requestId).setFromSequence(expected)));
    }
  }

  @Override
  public synchronized void acknowledge(int sequence) {
    acknowledged = Math.max(acknowledged, sequence);
    // Half a window at a time: enough to keep it open, and no message per token.
    if (!ended && acknowledged - toldAcknowledged >= Math.max(1, window / 2)) {
      tellAcknowledged(acknowledged);
    }
  }

  private void tellAcknowledged(int sequence) {
    toldAcknowledged = sequence;
    controls.send(
        worker,
        requestId,
        Control.newBuilder()
            .setAcknowledge(
                Acknowledge.newBuilder().setRequestId(requestId).setSequence(sequence)));
  }

  /** Sets when the first cancel is told, so that ticks know when to repeat it. */
  synchronized void cancel(String reason, long now) {
    if (!ended && cancelReason == null) {
      cancelReason = reason;
      tellCancel(now);
    }
  }

  @Override
  public void cancel(String reason) {
    cancel(reason, System.nanoTime());
  }

  private void tellCancel(long now) {
    cancelToldNanos = now;
    controls.send(
        worker,
        requestId,
        Control.newBuilder()
            .setCancel(
                Cancel.newBuilder()
                    .setRequestId(requestId)
                    .setReason(cancelReason == null ? "" : cancelReason)));
  }

  synchronized void lost(Loss loss) {
    if (!ended) {
      ended = true;
      controls.ended(requestId);
      listener.onLost(loss);
    }
  }

  @Override
  public synchronized void forget() {
    if (!ended) {
      ended = true;
      controls.ended(requestId);
    }
  }

  WorkerAddress worker() {
    return worker;
  }
}
