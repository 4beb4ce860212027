package io.baton.telemetry.slices;

import io.baton.telemetry.slices.ThreadTrace.ThreadLabel;
import org.jspecify.annotations.Nullable;

/** What a thread is in its engine, said once by the thread itself. */
public final class ThreadInfo {
  private static final ThreadLocal<@Nullable ThreadLabel> CURRENT = new ThreadLocal<>();

  private ThreadInfo() {}

  /**
   * Says what the calling thread is: the twin of SGLang's {@code trace_set_thread_info}.
   *
   * @param label {@code Scheduler}, {@code Tokenizer}, ...
   * @param tpRank null if it has none
   * @param dpRank null if it has none
   */
  public static void set(String label, @Nullable Integer tpRank, @Nullable Integer dpRank) {
    set(label, tpRank, null, dpRank);
  }

  /** As {@link #set(String, Integer, Integer)}, with a pipeline-parallel rank. */
  public static void set(
      String label, @Nullable Integer tpRank, @Nullable Integer ppRank, @Nullable Integer dpRank) {
    CURRENT.set(ThreadLabel.here(label, tpRank, ppRank, dpRank));
  }

  /** What was said; the thread's own name if nothing was. */
  static ThreadLabel current() {
    ThreadLabel said = CURRENT.get();
    return said == null ? ThreadLabel.here(Thread.currentThread().getName(), null) : said;
  }
}
