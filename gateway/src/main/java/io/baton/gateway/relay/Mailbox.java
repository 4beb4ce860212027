package io.baton.gateway.relay;

import io.baton.proto.v1.ReplyChunk;
import io.baton.transport.Loss;
import io.baton.transport.ReplyListener;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Carries the chunks of one leg from NATS threads to the request's context: many chunks, one hop.
 * Holds no more than the leg's window lets be in flight.
 */
final class Mailbox implements ReplyListener {
  /** What the request's context sees. */
  interface Reader {
    /** Some chunks, in order, at least one. */
    void onChunks(List<ReplyChunk> chunks);

    /** Instead of a last chunk. */
    void onLost(Loss loss);
  }

  private final Context context;
  private final Reader reader;
  private final Queue<ReplyChunk> chunks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private volatile @Nullable Loss loss;

  Mailbox(Context context, Reader reader) {
    this.context = context;
    this.reader = reader;
  }

  @Override
  public void onChunk(ReplyChunk chunk) {
    chunks.add(chunk);
    schedule();
  }

  @Override
  public void onLost(Loss lost) {
    loss = lost;
    schedule();
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(v -> drain());
    }
  }

  private void drain() {
    // Cleared before the queue is read: a chunk that comes now schedules another drain.
    scheduled.set(false);
    var batch = new ArrayList<ReplyChunk>();
    for (ReplyChunk chunk = chunks.poll(); chunk != null; chunk = chunks.poll()) {
      batch.add(chunk);
    }
    if (!batch.isEmpty()) {
      reader.onChunks(batch);
    }
    Loss lost = loss;
    if (lost != null && chunks.isEmpty()) {
      loss = null;
      reader.onLost(lost);
    }
  }
}
