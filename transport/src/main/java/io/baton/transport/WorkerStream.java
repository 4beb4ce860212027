package io.baton.transport;

import io.baton.proto.v1.Accepted;
import io.baton.proto.v1.Failed;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.OpenAiBytes;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.Tokens;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A worker's end of one request: numbers chunks, keeps those that are not acknowledged, and joins
 * what comes while the window is full or the broker away. Guarded by its own lock.
 */
final class WorkerStream implements ReplyWriter {
  /** Sends bytes to a subject. */
  interface Outlet {
    /** False if the broker is away. */
    boolean send(String subject, byte[] body);

    void ended(WorkerStream stream);
  }

  private record Sent(int sequence, byte[] body) {}

  private static final int DEFAULT_WINDOW = 32;
  private static final int DEFAULT_WINDOW_BYTES = 256 << 10;

  /** Larger joined chunks gain nothing and might not fit the broker's largest message. */
  private static final int JOIN_BYTES = 128 << 10;

  private final String requestId;
  private final String gatewayId;
  private final long gatewayIncarnation;
  private final long workerIncarnation;
  private final int window;
  private final int windowBytes;
  private final Outlet outlet;
  private final TransportCounters counters;
  private final Deque<Sent> unacknowledged = new ArrayDeque<>();
  private final Deque<ReplyChunk.Builder> waiting = new ArrayDeque<>();
  private String replyTo;
  private int nextSequence;
  private int unacknowledgedBytes;
  private int waitingBytes;
  private boolean told;
  private boolean ended;
  private long endedNanos;
  private @Nullable Runnable writable;

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
    this.window = window > 0 ? window : DEFAULT_WINDOW;
    this.windowBytes = windowBytes > 0 ? windowBytes : DEFAULT_WINDOW_BYTES;
    this.outlet = outlet;
    this.counters = counters;
  }

  @Override
  public synchronized void accepted(int cachedTokens) {
    add(
        ReplyChunk.newBuilder().setAccepted(Accepted.newBuilder().setCachedTokens(cachedTokens)),
        8);
  }

  @Override
  public synchronized void tokens(Tokens tokens) {
    ReplyChunk.Builder last = waiting.peekLast();
    if (!ended
        && last != null
        && last.hasTokens()
        && last.getTokens().getOfPrompt() == tokens.getOfPrompt()
        && weight(last.getTokens()) < JOIN_BYTES) {
      last.getTokensBuilder().mergeFrom(tokens);
      counters.tokensJoined.increment();
      return;
    }
    add(ReplyChunk.newBuilder().setTokens(tokens), weight(tokens));
  }

  /** Bytes, about; the best tokens of each place are by far the most of it. */
  private static int weight(Tokens tokens) {
    int best = tokens.getTopCount() == 0 ? 0 : tokens.getTop(0).getIdsCount();
    return tokens.getIdsCount() * (8 + 8 * best);
  }

  @Override
  public synchronized boolean openAi(OpenAiBytes bytes) {
    int size = bytes.getSerializedSize();
    ReplyChunk.Builder last = waiting.peekLast();
    boolean joins =
        !ended
            && last != null
            && last.hasOpenai()
            && last.getOpenai().getBodyPiece().isEmpty()
            && bytes.getBodyPiece().isEmpty()
            && last.getOpenai().getSerializedSize() + size < JOIN_BYTES;
    if (joins) {
      last.getOpenaiBuilder().addAllEvents(bytes.getEventsList());
      waitingBytes += size;
      counters.tokensJoined.increment();
    } else {
      add(ReplyChunk.newBuilder().setOpenai(bytes), size);
    }
    told = !hasRoom();
    return !told;
  }

  private boolean hasRoom() {
    return ended || waitingBytes + unacknowledgedBytes < windowBytes;
  }

  @Override
  public synchronized void onWritable(Runnable callback) {
    writable = callback;
  }

  @Override
  public synchronized void finished(Finished finished) {
    end(ReplyChunk.newBuilder().setFinished(finished));
  }

  @Override
  public synchronized void failed(Failed failed) {
    end(ReplyChunk.newBuilder().setFailed(failed));
  }

  private void end(ReplyChunk.Builder last) {
    if (!ended) {
      add(last, 64);
      ended = true;
      endedNanos = System.nanoTime();
      outlet.ended(this);
    }
  }

  private void add(ReplyChunk.Builder chunk, int bytes) {
    if (!ended) {
      waiting.add(chunk);
      waitingBytes += bytes;
      flush();
    }
  }

  /** Sends what waits, as far as the window lets it. */
  private void flush() {
    while (!waiting.isEmpty() && unacknowledged.size() < window) {
      byte[] body =
          waiting
              .getFirst()
              .setSequence(nextSequence)
              .setWorkerIncarnation(workerIncarnation)
              .build()
              .toByteArray();
      if (!outlet.send(replyTo, body)) {
        return;
      }
      waiting.removeFirst();
      if (waiting.isEmpty()) {
        waitingBytes = 0;
      } else {
        waitingBytes = Math.max(0, waitingBytes - body.length);
      }
      unacknowledged.add(new Sent(nextSequence, body));
      unacknowledgedBytes += body.length;
      nextSequence++;
      counters.chunksSent.increment();
    }
  }

  /** All chunks up to this one have arrived and are done with. */
  synchronized void onAcknowledged(int sequence) {
    while (!unacknowledged.isEmpty() && unacknowledged.getFirst().sequence() <= sequence) {
      unacknowledgedBytes -= unacknowledged.removeFirst().body().length;
    }
    flush();
    if (told && hasRoom() && writable != null) {
      told = false;
      writable.run();
    }
  }

  /**
   * The gateway misses chunks.
   *
   * @param newReplyTo where it may be answered now
   */
  synchronized void onResume(int from, String newReplyTo) {
    replyTo = newReplyTo;
    if (from >= nextSequence) {
      // Nothing is missing; say so, or it would ask for ever.
      outlet.send(
          replyTo,
          ReplyChunk.newBuilder()
              .setSequence(nextSequence)
              .setWorkerIncarnation(workerIncarnation)
              .build()
              .toByteArray());
    }
    onAcknowledged(from - 1);
    resend();
  }

  /** The broker is back: what was under way may be lost. */
  synchronized void onBrokerBack() {
    resend();
    flush();
  }

  private void resend() {
    for (Sent sent : unacknowledged) {
      counters.chunksResent.increment();
      if (!outlet.send(replyTo, sent.body())) {
        return;
      }
    }
  }

  /** Whether everything has arrived, so that nobody can ask for it again. */
  synchronized boolean settled() {
    return ended && waiting.isEmpty() && unacknowledged.isEmpty();
  }

  synchronized boolean ended() {
    return ended;
  }

  synchronized long endedNanos() {
    return endedNanos;
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
