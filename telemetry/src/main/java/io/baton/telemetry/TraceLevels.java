package io.baton.telemetry;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The level at which a process traces new requests: given at start, changed by operators, and the
 * same in all processes of a fleet, since the change made last wins. Thread-safe.
 */
public final class TraceLevels {
  /**
   * A level and when it was set.
   *
   * @param revision unix nanoseconds of the process where an operator set it; 0: as configured
   */
  public record Setting(int level, long revision) {}

  private final boolean changeable;
  private final AtomicReference<Setting> current;
  private final List<Consumer<Setting>> listeners = new CopyOnWriteArrayList<>();

  /**
   * As configured.
   *
   * @param changeable whether tracing was enabled at start; if not, no change is taken
   */
  public TraceLevels(int level, boolean changeable) {
    this.changeable = changeable;
    this.current = new AtomicReference<>(new Setting(requireLevel(level), 0));
  }

  private static int requireLevel(int level) {
    if (level < 0 || level > TraceDecision.MAX_LEVEL) {
      throw new IllegalArgumentException("level: " + level + " (expected: 0 to 3)");
    }
    return level;
  }

  public int level() {
    return current.get().level();
  }

  public Setting current() {
    return current.get();
  }

  /** Whether tracing was enabled at start. */
  public boolean changeable() {
    return changeable;
  }

  /** Called with every change, made here or heard of; on the thread that changed it. */
  public void onChange(Consumer<Setting> listener) {
    listeners.add(listener);
  }

  /**
   * An operator's change, later than any that is known.
   *
   * @throws IllegalArgumentException if there is no such level
   * @throws IllegalStateException if tracing was not enabled at start
   */
  public Setting set(int level, long nowUnixNanos) {
    requireLevel(level);
    if (!changeable) {
      throw new IllegalStateException(
          "tracing is off in this process (start it with trace.recent above 0 or with"
              + " OTEL_EXPORTER_OTLP_ENDPOINT)");
    }
    Setting set =
        current.updateAndGet(old -> new Setting(level, Math.max(nowUnixNanos, old.revision() + 1)));
    listeners.forEach(listener -> listener.accept(set));
    return set;
  }

  /** Follows a change that was made elsewhere, if it is later than what is known here. */
  public boolean follow(Setting heard) {
    if (heard.level() < 0 || heard.level() > TraceDecision.MAX_LEVEL) {
      return false;
    }
    Setting before = current.getAndUpdate(old -> later(heard, old) ? heard : old);
    boolean news = later(heard, before);
    if (news) {
      listeners.forEach(listener -> listener.accept(heard));
    }
    return news;
  }

  /** Two operators at the same nanosecond: the higher level, everywhere. */
  private static boolean later(Setting a, Setting b) {
    return a.revision() > b.revision()
        || (a.revision() == b.revision() && a.revision() != 0 && a.level() > b.level());
  }
}
