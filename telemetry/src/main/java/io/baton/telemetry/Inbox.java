package io.baton.telemetry;

import java.util.ArrayList;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Takes notes from hot threads, which never wait, and works them off in batches on a thread of its
 * own. Bounded: what does not fit is the caller's to count.
 *
 * @param <N> a note
 */
public final class Inbox<N> implements AutoCloseable {
  private static final long CLOSE_MILLIS = 2_000;

  private final BlockingQueue<N> notes;
  private final long pauseMillis;
  private final Consumer<N> each;
  private final Runnable between;
  private final Runnable last;
  private final Thread thread;
  private volatile boolean closing;

  /**
   * Not working yet.
   *
   * @param threadName for thread dumps
   * @param capacity notes that may wait
   * @param pauseMillis what comes meanwhile is worked off together
   * @param each takes one note; must not throw
   * @param between after each batch, and at least once a pause
   * @param last once, when all notes are worked off and no more come
   */
  public Inbox(
      String threadName,
      int capacity,
      long pauseMillis,
      Consumer<N> each,
      Runnable between,
      Runnable last) {
    this.notes = new ArrayBlockingQueue<>(capacity);
    this.pauseMillis = pauseMillis;
    this.each = each;
    this.between = between;
    this.last = last;
    this.thread = Thread.ofPlatform().name(threadName).daemon().unstarted(this::run);
  }

  /** Begins to work. */
  public void start() {
    thread.start();
  }

  /** Leaves a note; false if there is no room for it. */
  public boolean offer(N note) {
    return notes.offer(note);
  }

  private void run() {
    var batch = new ArrayList<N>();
    try {
      while (!closing || !notes.isEmpty()) {
        N first = notes.poll(pauseMillis, TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
          notes.drainTo(batch);
          batch.forEach(each);
          batch.clear();
        }
        between.run();
        if (first != null && !closing) {
          TimeUnit.MILLISECONDS.sleep(pauseMillis);
        }
      }
      last.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Works off what is there, and stops; waits two seconds at most. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
