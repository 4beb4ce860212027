package io.baton.transport;

import io.baton.proto.v1.Acknowledge;
import io.baton.proto.v1.Cancel;
import io.baton.proto.v1.Control;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.Resume;
import io.baton.transport.Loss.Cause;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's end of one request. Chunks count up from 0; whatever is not the next one is either a
 * duplicate or shows a gap, and then everything from the gap on is asked for again. Guarded by its
 * own lock; the listener is called under it, so that chunks and the end come in order.
 *
 * <p>Three stages. <em>Open</em>: the listener reads. <em>Lingering</em>: nobody reads any more,
 * but the worker does not know it yet: it is told to stop until it has answered, so that a cancel
 * which a broker's restart swallowed does not leave an engine working for nobody. <em>Ended</em>.
 */
final class GatewayStream implements ReplyStream {
  /** The way to the worker. Messages may be lost; {@link #tick} repeats what matters. */
  interface Wire {
    void tell(WorkerAddress worker, String requestId, Control.Builder word);

    /** Publishes the request itself once more. */
    void sendAgain(Outgoing request);

    void ended(GatewayStream stream);
  }

  private enum Stage {
    OPEN,
    LINGERING,
    ENDED
  }

  private static final long CANCEL_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long ASK_AT_LEAST_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String requestId;
  private final WorkerAddress worker;
  private final int window;
  private final TransportTimings timings;
  private final Wire wire;
  private final TransportCounters counters;
  private final LongSupplier clock;
  private ReplyListener listener;

  /** Kept until the worker is known to have it. */
  private @Nullable Outgoing request;

  private Stage stage = Stage.OPEN;
  private int expected;
  private int acknowledged = -1;
  private int toldAcknowledged = -1;

  /** Something may be missing: the question goes on until it is answered. */
  private boolean missing;

  /** The request is not all that was said: a "nobody listens" may be the answer to another word. */
  private boolean told;

  private long heardNanos;
  private long askedNanos;
  private long askIntervalNanos;
  private long cancelToldNanos;
  private long lingeringNanos;
  private @Nullable String cancelReason;

  GatewayStream(
      Outgoing request,
      ReplyListener listener,
      TransportTimings timings,
      Wire wire,
      TransportCounters counters,
      LongSupplier clock) {
    this.requestId = request.requestId();
    this.worker = request.worker();
    this.window = request.window();
    this.request = request;
    this.listener = listener;
    this.timings = timings;
    this.wire = wire;
    this.counters = counters;
    this.clock = clock;
    this.heardNanos = clock.getAsLong();
    this.askIntervalNanos = timings.resumeInterval().toNanos();
  }

  synchronized void onChunk(ReplyChunk chunk) {
    if (stage == Stage.ENDED) {
      counters.chunksLate.increment();
      return;
    }
    heardNanos = clock.getAsLong();
    if (chunk.getWorkerIncarnation() != worker.incarnation() && !isRefusal(chunk)) {
      lost(new Loss(Cause.WORKER_RESTARTED, "another life of it answers"));
    } else if (chunk.getContentCase() == ReplyChunk.ContentCase.CONTENT_NOT_SET) {
      // The answer to a resume when there is nothing newer.
      missing = chunk.getSequence() > expected;
    } else if (isUnknownRequest(chunk)) {
      onUnknownRequest();
    } else if (chunk.getSequence() == expected) {
      next(chunk);
    } else if (chunk.getSequence() < expected) {
      counters.chunksDuplicate.increment();
    } else if (!missing) {
      counters.gaps.increment();
      askFor();
    }
  }

  /** A new life of the worker may say that a request was not meant for it. */
  private boolean isRefusal(ReplyChunk chunk) {
    return expected == 0
        && chunk.hasFailed()
        && chunk.getFailed().getCode() == ErrorCode.ERROR_MISDIRECTED;
  }

  private static boolean isUnknownRequest(ReplyChunk chunk) {
    return chunk.hasFailed() && chunk.getFailed().getCode() == ErrorCode.ERROR_UNKNOWN_REQUEST;
  }

  private void onUnknownRequest() {
    if (request != null && cancelReason == null) {
      // It never arrived, or its refusal was lost: either way the worker has done nothing.
      counters.requestsResent.increment();
      wire.sendAgain(request);
    } else {
      lost(new Loss(Cause.STREAM_BROKEN, "it does not know the request (any more)"));
    }
  }

  private void next(ReplyChunk chunk) {
    missing = false;
    askIntervalNanos = timings.resumeInterval().toNanos();
    request = null;
    expected++;
    boolean last = chunk.hasFinished() || chunk.hasFailed();
    if (stage == Stage.LINGERING) {
      counters.chunksLate.increment();
      acknowledge(chunk.getSequence());
    } else {
      counters.chunksReceived.increment();
    }
    if (last) {
      // So that the worker need not keep its end any longer.
      tellAcknowledged(chunk.getSequence());
      end();
    }
    listener.onChunk(chunk);
  }

  /**
   * Nobody listens for this worker's requests.
   *
   * @param settling the broker has just come back, and the worker may not be yet
   * @return whether the worker is in doubt
   */
  synchronized boolean onNoResponders(boolean settling) {
    if (stage == Stage.ENDED || settling) {
      return false;
    }
    if (stage == Stage.LINGERING) {
      end();
    } else if (expected == 0 && !told) {
      lost(new Loss(Cause.NO_RESPONDERS, "nobody listens in its place"));
    }
    // Otherwise it may only have lost its connection: the watch of the fleet will tell.
    return true;
  }

  /** The broker was away, or the worker was: chunks may be missing without a sign of it. */
  synchronized void onInterrupted() {
    if (stage != Stage.ENDED) {
      askFor();
    }
  }

  private void askFor() {
    missing = true;
    askIntervalNanos = timings.resumeInterval().toNanos();
    ask();
  }

  /** Called now and then while the broker is there: repeats what may have been lost. */
  synchronized void tick() {
    long now = clock.getAsLong();
    if (stage == Stage.LINGERING && now - lingeringNanos > timings.lingerTtl().toNanos()) {
      end();
    }
    if (stage == Stage.ENDED) {
      return;
    }
    if (cancelReason != null && now - cancelToldNanos >= CANCEL_AGAIN_NANOS) {
      tellCancel(cancelReason);
      // Only an answer ends it: a worker that has ended it long ago says so.
      ask();
    } else if (missing && now - askedNanos >= askIntervalNanos) {
      askIntervalNanos = Math.min(2 * askIntervalNanos, ASK_AT_LEAST_EVERY_NANOS);
      ask();
    } else if (now - Math.max(heardNanos, askedNanos) >= timings.quietAfter().toNanos()) {
      ask();
    }
  }

  /** Tells what has arrived as well, for acknowledgements may be lost too. */
  private void ask() {
    askedNanos = clock.getAsLong();
    counters.resumes.increment();
    if (acknowledged >= 0) {
      tellAcknowledged(acknowledged);
    }
    tell(
        Control.newBuilder()
            .setResume(Resume.newBuilder().setRequestId(requestId).setFromSequence(expected)));
  }

  @Override
  public synchronized void acknowledge(int sequence) {
    acknowledged = Math.max(acknowledged, sequence);
    // Half a window at a time: enough to keep it open, and no message per token.
    if (stage != Stage.ENDED && acknowledged - toldAcknowledged >= Math.max(1, window / 2)) {
      tellAcknowledged(acknowledged);
    }
  }

  private void tellAcknowledged(int sequence) {
    toldAcknowledged = sequence;
    tell(
        Control.newBuilder()
            .setAcknowledge(
                Acknowledge.newBuilder().setRequestId(requestId).setSequence(sequence)));
  }

  @Override
  public synchronized void cancel(String reason) {
    if (stage != Stage.ENDED && cancelReason == null) {
      cancelReason = reason;
      tellCancel(reason);
    }
  }

  private void tellCancel(String reason) {
    cancelToldNanos = clock.getAsLong();
    tell(
        Control.newBuilder()
            .setCancel(Cancel.newBuilder().setRequestId(requestId).setReason(reason)));
  }

  private void tell(Control.Builder word) {
    told = true;
    wire.tell(worker, requestId, word);
  }

  /** The stream is over for its listener; a dead worker may still turn out to be alive. */
  synchronized void lost(Loss loss) {
    if (stage != Stage.OPEN) {
      end();
      return;
    }
    ReplyListener reader = listener;
    if (loss.cause() == Cause.WORKER_DIED) {
      linger("taken for dead");
    } else {
      end();
    }
    reader.onLost(
        new Loss(
            loss.cause(), "worker " + worker + ", request " + requestId + ": " + loss.detail()));
  }

  @Override
  public synchronized void forget() {
    if (stage == Stage.OPEN) {
      linger("nobody reads its answer any more");
    }
  }

  private void linger(String reason) {
    stage = Stage.LINGERING;
    lingeringNanos = clock.getAsLong();
    listener = Nobody.INSTANCE;
    cancel(reason);
    // What was not acknowledged so far will never be read: it must not keep the window shut.
    acknowledge(expected - 1);
  }

  private void end() {
    if (stage != Stage.ENDED) {
      stage = Stage.ENDED;
      request = null;
      wire.ended(this);
    }
  }

  synchronized boolean open() {
    return stage == Stage.OPEN;
  }

  String requestId() {
    return requestId;
  }

  WorkerAddress worker() {
    return worker;
  }

  /** Reads what nobody reads. */
  private enum Nobody implements ReplyListener {
    INSTANCE;

    @Override
    public void onChunk(ReplyChunk chunk) {}

    @Override
    public void onLost(Loss loss) {}
  }
}
