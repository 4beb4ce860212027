package io.baton.transport;

import com.google.protobuf.ByteString;
import io.baton.proto.v1.Accepted;
import io.baton.proto.v1.ErrorCode;
import io.baton.proto.v1.Failed;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.Tokens;
import io.baton.transport.Channel.Delivery;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A worker's end of one request: numbers chunks, keeps those that are not acknowledged, and joins
 * what comes while the window is full or the broker away. Guarded by its own lock; callbacks run
 * outside of it.
 *
 * <p>The window counts chunks that are sent and not acknowledged. A question for missing chunks
 * does not open it: what has arrived need not have been consumed. A cancel does: nobody consumes
 * any more, and the last chunk must get through.
 */
final class WorkerStream implements ReplyWriter {
  /** The way to the gateway. Called under the stream's lock. */
  interface Outlet {
    Delivery send(String subject, byte[] body);

    long maxPayload();

    /** The stream's last chunk is written, though not yet acknowledged. */
    void ended(WorkerStream stream);

    /** The stream cannot go on and has ended by itself: whoever writes it is to stop. */
    void brokenOff(WorkerStream stream, String reason);
  }

  private record Sent(int sequence, byte[] body) {}

  /** A chunk that has no number yet, and about how large it is. */
  private record Waiting(ReplyChunk.Builder chunk, int bytes) {}

  private static final int DEFAULT_WINDOW = 32;
  private static final int MAX_WINDOW = 4096;
  private static final int DEFAULT_WINDOW_BYTES = 256 << 10;

  /** Larger joined chunks gain nothing. */
  private static final int JOIN_BYTES = 128 << 10;

  /** What numbers and tags cost. */
  private static final int ENVELOPE_BYTES = 64;

  private final String requestId;
  private final String gatewayId;
  private final long gatewayIncarnation;
  private final long workerIncarnation;
  private final int window;
  private final int windowBytes;
  private final Outlet outlet;
  private final TransportCounters counters;
  private final Deque<Sent> unacknowledged = new ArrayDeque<>();
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private String replyTo;
  private int nextSequence;
  private int unacknowledgedBytes;
  private int waitingBytes;
  private boolean told;
  private boolean cancelled;
  private boolean ended;
  private @Nullable Runnable writable;
  private @Nullable Future<?> deadline;

  /**
   * A stream with nothing in it.
   *
   * @param window chunks, or 0 for the default
   * @param windowBytes of answers in the {@code openai} form, or 0 for the default
   */
  WorkerStream(
      String requestId,
      String gatewayId,
      long gatewayIncarnation,
      long workerIncarnation,
      String replyTo,
      int window,
      int windowBytes,
      Outlet outlet,
      TransportCounters counters) {
    this.requestId = requestId;
    this.gatewayId = gatewayId;
    this.gatewayIncarnation = gatewayIncarnation;
    this.workerIncarnation = workerIncarnation;
    this.replyTo = replyTo;
    this.window = window > 0 ? Math.min(window, MAX_WINDOW) : DEFAULT_WINDOW;
    this.windowBytes = windowBytes > 0 ? windowBytes : DEFAULT_WINDOW_BYTES;
    this.outlet = outlet;
    this.counters = counters;
  }

  @Override
  public synchronized void accepted(int cachedTokens) {
    add(
        ReplyChunk.newBuilder().setAccepted(Accepted.newBuilder().setCachedTokens(cachedTokens)),
        ENVELOPE_BYTES);
  }

  @Override
  public synchronized void tokens(Tokens tokens) {
    int size = tokens.getSerializedSize();
    Waiting last = lastThatTakes(size);
    if (last != null && last.chunk().hasTokens()) {
      last.chunk().getTokensBuilder().mergeFrom(tokens);
      joined(last, size);
    } else {
      add(ReplyChunk.newBuilder().setTokens(tokens), size);
    }
  }

  @Override
  public synchronized boolean openAi(OpenAiBytes bytes) {
    int limit = joinBytes();
    ByteString piece = bytes.getBodyPiece();
    if (piece.size() <= limit) {
      addOpenAi(bytes);
    } else {
      // A long body travels in several chunks; the gateway joins its pieces anyway.
      for (int from = 0; from < piece.size(); from += limit) {
        var part = OpenAiBytes.newBuilder();
        if (from == 0) {
          part.mergeFrom(bytes);
        }
        part.setBodyPiece(piece.substring(from, Math.min(piece.size(), from + limit)));
        addOpenAi(part.build());
      }
    }
    told = !hasRoom();
    return !told;
  }

  private void addOpenAi(OpenAiBytes bytes) {
    int size = bytes.getSerializedSize();
    Waiting last = lastThatTakes(size);
    boolean joins =
        last != null
            && last.chunk().hasOpenai()
            && last.chunk().getOpenai().getBodyPiece().isEmpty()
            && bytes.getBodyPiece().isEmpty();
    if (last != null && joins) {
      last.chunk().getOpenaiBuilder().addAllEvents(bytes.getEventsList());
      joined(last, size);
    } else {
      add(ReplyChunk.newBuilder().setOpenai(bytes), size);
    }
  }

  private @Nullable Waiting lastThatTakes(int bytes) {
    Waiting last = waiting.peekLast();
    return !ended && last != null && last.bytes() + bytes <= joinBytes() ? last : null;
  }

  private int joinBytes() {
    return (int) Math.min(JOIN_BYTES, outlet.maxPayload() - ENVELOPE_BYTES);
  }

  private void joined(Waiting last, int bytes) {
    waiting.removeLast();
    waiting.add(new Waiting(last.chunk(), last.bytes() + bytes));
    waitingBytes += bytes;
    counters.chunksJoined.increment();
  }

  private boolean hasRoom() {
    return ended || cancelled || waitingBytes + unacknowledgedBytes < windowBytes;
  }

  @Override
  public synchronized void onWritable(Runnable callback) {
    writable = callback;
  }

  @Override
  public void finished(Finished finished) {
    end(ReplyChunk.newBuilder().setFinished(finished), finished.getSerializedSize());
  }

  @Override
  public void failed(Failed failed) {
    end(ReplyChunk.newBuilder().setFailed(failed), failed.getSerializedSize());
  }

  private void end(ReplyChunk.Builder last, int bytes) {
    synchronized (this) {
      if (ended) {
        counters.writesAfterEnd.increment();
        return;
      }
      add(last, bytes);
      if (!ended) {
        markEnded();
      }
    }
    tellWritable();
  }

  /**
   * The way to the gateway is blocked for this stream: it ends with what has been sent and an
   * error, which reaches the gateway when that asks for what it misses.
   */
  void breakOff(ErrorCode code, String message) {
    synchronized (this) {
      if (!ended) {
        breakOffUnderLock(code, message);
      }
    }
    tellWritable();
  }

  private void breakOffUnderLock(ErrorCode code, String message) {
    waiting.clear();
    waitingBytes = 0;
    markEnded();
    outlet.brokenOff(this, message);
    Failed failed = Failed.newBuilder().setCode(code).setMessage(message).build();
    enqueue(ReplyChunk.newBuilder().setFailed(failed), failed.getSerializedSize());
  }

  private void markEnded() {
    ended = true;
    outlet.ended(this);
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  /** A timer that is of no use once the stream has ended. */
  synchronized void deadline(Future<?> timer) {
    deadline = timer;
    if (ended) {
      timer.cancel(false);
    }
  }

  private void add(ReplyChunk.Builder chunk, int bytes) {
    if (ended) {
      counters.writesAfterEnd.increment();
    } else {
      enqueue(chunk, bytes);
    }
  }

  private void enqueue(ReplyChunk.Builder chunk, int bytes) {
    waiting.add(new Waiting(chunk, bytes));
    waitingBytes += bytes;
    flush();
  }

  /** Sends what waits, as far as the window lets it. */
  private void flush() {
    while (!waiting.isEmpty() && (cancelled || unacknowledged.size() < window)) {
      Waiting next = waiting.getFirst();
      byte[] body =
          next.chunk()
              .setSequence(nextSequence)
              .setWorkerIncarnation(workerIncarnation)
              .build()
              .toByteArray();
      Delivery delivery = outlet.send(replyTo, body);
      if (delivery == Delivery.AWAY) {
        return;
      }
      if (delivery == Delivery.TOO_LARGE) {
        onTooLarge(body.length);
        return;
      }
      waiting.removeFirst();
      waitingBytes -= next.bytes();
      unacknowledged.add(new Sent(nextSequence, body));
      unacknowledgedBytes += body.length;
      nextSequence++;
      counters.chunksSent.increment();
    }
  }

  private void onTooLarge(int bytes) {
    if (!ended) {
      breakOffUnderLock(
          ErrorCode.ERROR_ENGINE,
          "one piece of the answer has "
              + bytes
              + " bytes (expected: at most the broker's max_payload, "
              + outlet.maxPayload()
              + ")");
    }
  }

  /** All chunks up to this one have arrived and are done with. */
  void onAcknowledged(int sequence) {
    synchronized (this) {
      while (!unacknowledged.isEmpty() && unacknowledged.getFirst().sequence() <= sequence) {
        unacknowledgedBytes -= unacknowledged.removeFirst().body().length;
      }
      flush();
    }
    tellWritable();
  }

  private void tellWritable() {
    Runnable callback = null;
    synchronized (this) {
      if (told && hasRoom()) {
        told = false;
        callback = writable;
      }
    }
    if (callback != null) {
      callback.run();
    }
  }

  /**
   * The gateway misses chunks.
   *
   * @param newReplyTo where it may be answered now
   * @return false if they are not here any more
   */
  synchronized boolean onResume(int from, String newReplyTo) {
    replyTo = newReplyTo;
    int first = unacknowledged.isEmpty() ? nextSequence : unacknowledged.getFirst().sequence();
    if (from < first) {
      return false;
    }
    int before = nextSequence;
    for (Sent sent : unacknowledged) {
      if (sent.sequence() >= from) {
        counters.chunksResent.increment();
        if (outlet.send(replyTo, sent.body()) != Delivery.QUEUED) {
          return true;
        }
      }
    }
    flush();
    if (from >= before && before == nextSequence) {
      // Nothing is missing; say so, or it would ask for ever.
      var _ = outlet.send(replyTo, position());
    }
    return true;
  }

  private byte[] position() {
    return ReplyChunk.newBuilder()
        .setSequence(nextSequence)
        .setWorkerIncarnation(workerIncarnation)
        .build()
        .toByteArray();
  }

  /**
   * Nobody consumes any more.
   *
   * @return whether that is news
   */
  boolean onCancelled() {
    boolean news;
    synchronized (this) {
      news = !cancelled && !ended;
      cancelled = true;
      flush();
    }
    tellWritable();
    return news;
  }

  /**
   * Its gateway is gone: nobody will ever read it, and nothing of it is kept.
   *
   * @return whether it had not ended yet
   */
  boolean abandon() {
    boolean news;
    synchronized (this) {
      news = !ended;
      waiting.clear();
      waitingBytes = 0;
      unacknowledged.clear();
      unacknowledgedBytes = 0;
      if (news) {
        markEnded();
      }
    }
    tellWritable();
    return news;
  }

  /** Whether everything has arrived, so that nobody can ask for it again. */
  synchronized boolean settled() {
    return ended && waiting.isEmpty() && unacknowledged.isEmpty();
  }

  synchronized boolean ended() {
    return ended;
  }

  String requestId() {
    return requestId;
  }

  String gatewayId() {
    return gatewayId;
  }

  long gatewayIncarnation() {
    return gatewayIncarnation;
  }
}
