package io.baton.transport;

import io.baton.proto.v1.ReplyChunk;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Keeps what comes of one answer; acknowledges it at once, unless told to wait. */
final class Answer implements ReplyListener {
  private final List<ReplyChunk> chunks = new CopyOnWriteArrayList<>();
  private @Nullable ReplyStream stream;
  private int acknowledged = -1;
  private boolean slow;
  private volatile @Nullable Loss loss;

  /** Set after sending, when chunks may have come already. */
  synchronized void stream(ReplyStream itsStream) {
    stream = itsStream;
    acknowledge();
  }

  /** Acknowledges nothing from now on. */
  synchronized Answer slow() {
    slow = true;
    return this;
  }

  /** Acknowledges what has come and what will. */
  synchronized void catchUp() {
    slow = false;
    acknowledge();
  }

  @Override
  public synchronized void onChunk(ReplyChunk chunk) {
    chunks.add(chunk);
    acknowledge();
  }

  private void acknowledge() {
    if (!slow && stream != null && chunks.size() - 1 > acknowledged) {
      acknowledged = chunks.size() - 1;
      stream.acknowledge(acknowledged);
    }
  }

  @Override
  public void onLost(Loss lost) {
    loss = lost;
  }

  synchronized void cancel(String reason) {
    if (stream != null) {
      stream.cancel(reason);
    }
  }

  List<ReplyChunk> chunks() {
    return chunks;
  }

  List<Integer> tokens() {
    return chunks.stream().flatMap(chunk -> chunk.getTokens().getIdsList().stream()).toList();
  }

  boolean finished() {
    return !chunks.isEmpty() && chunks.getLast().hasFinished();
  }

  boolean failed() {
    return !chunks.isEmpty() && chunks.getLast().hasFailed();
  }

  Loss.@Nullable Cause lost() {
    Loss now = loss;
    return now == null ? null : now.cause();
  }
}
