package io.baton.gateway.admission;

import io.baton.gateway.admission.WaitingLine.Ticket;
import io.baton.gateway.api.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Lets requests start, wait or go away: by tenant's quotas, and by how many of one model may run at
 * once on this gateway. Every request that was admitted says when it has ended. Thread-safe;
 * waiters are called outside the lock, on the thread that made room or noticed the time.
 */
public final class Admission {
  /** Tenants that are remembered; idle ones are forgotten first. */
  private static final int MAX_TENANTS = 10_000;

  private static final int MAX_RETRY_AFTER_SECONDS = 60;

  /** Whoever runs out of patience leaves by itself, and knows better why; this is the net below. */
  private static final Duration LAG = Duration.ofSeconds(1);

  /**
   * Limits of each model on this gateway.
   *
   * @param maxRunning requests at once; 0: no limit, nobody waits
   * @param lineRequests of one model that may wait
   * @param lineTokens of these requests
   * @param maxWait longest wait
   * @param byRoom whether requests wait here while the workers have no room for them
   */
  public record Settings(
      int maxRunning, int lineRequests, long lineTokens, Duration maxWait, boolean byRoom) {}

  /**
   * What a request asks for.
   *
   * @param tenant the name of its key; empty: everybody
   * @param limits the tenant's
   * @param priority higher goes first
   * @param tokens prompt and answer together, at most
   * @param patience how long it can wait at most; it leaves by itself then
   */
  public record Ask(
      String model,
      String tenant,
      UsageLimits limits,
      int priority,
      long tokens,
      Duration patience) {}

  /** One that asked. Exactly one of its methods is called, unless it leaves first. */
  public interface Waiter {
    /** It may start. */
    void admitted();

    /** It may not. */
    void refused(ApiException error);
  }

  /** Counts since the start. */
  public enum Outcome {
    ADMITTED,
    WAITED,
    OVER_QUOTA,
    LINE_FULL,
    WAITED_TOO_LONG
  }

  /** What the fleet can take. */
  public interface Room {
    /** Requests for a model that workers have a place for now; asked for often. */
    int of(String model);
  }

  private record Place(Ask ask, Waiter waiter) {}

  private final Settings settings;
  private final LongSupplier clock;
  private final Room room;
  private final Map<String, Model> models = new HashMap<>();
  private final Map<String, Quota> quotas = new HashMap<>();
  private final Map<Outcome, LongAdder> outcomes = new HashMap<>();

  /** May be true for nobody; never false while somebody waits. */
  private volatile boolean anybodyWaits;

  /** One model's requests. */
  private static final class Model {
    private final WaitingLine<Place> line;
    private final DrainRate drain = new DrainRate();
    private int running;

    /** Of these, those of which no leg is sent yet, so that no worker's room is less for them. */
    private int unplaced;

    Model(Settings settings) {
      line =
          new WaitingLine<>(new WaitingLine.Limits(settings.lineRequests(), settings.lineTokens()));
    }

    void ended(long nowNanos) {
      running--;
      drain.ended(nowNanos, line.requests() > 0);
    }

    int retryAfterSeconds() {
      return (int) Math.clamp(drain.secondsFor(line.requests()), 1, (long) MAX_RETRY_AFTER_SECONDS);
    }
  }

  /**
   * With nobody in it.
   *
   * @param clock nanoseconds that only rise
   * @param room what the fleet can take; called within this object's lock
   */
  public Admission(Settings settings, LongSupplier clock, Room room) {
    this.settings = settings;
    this.clock = clock;
    this.room = room;
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(outcome, new LongAdder());
    }
  }

  /** Decides at once, or later. */
  public void enter(Ask ask, Waiter waiter) {
    List<Runnable> calls = new ArrayList<>(1);
    synchronized (this) {
      decide(new Place(ask, waiter), calls);
    }
    calls.forEach(Runnable::run);
  }

  private void decide(Place place, List<Runnable> calls) {
    long now = clock.getAsLong();
    Optional<Quota.Refusal> refusal = startQuota(place.ask(), now);
    if (refusal.isPresent()) {
      calls.add(refuse(place, Outcome.OVER_QUOTA, overQuota(refusal.get())));
      return;
    }
    Model model = models.computeIfAbsent(place.ask().model(), m -> new Model(settings));
    if (model.line.requests() == 0 && hasRoom(model, place.ask().model())) {
      calls.add(admit(model, place, Outcome.ADMITTED));
      return;
    }
    List<Ticket<Place>> shed =
        model.line.enter(
            place,
            place.ask().tenant(),
            place.ask().priority(),
            place.ask().tokens(),
            now + shorter(settings.maxWait(), place.ask().patience().plus(LAG)).toNanos());
    for (Ticket<Place> ticket : shed) {
      endQuota(ticket.work().ask(), 0);
      calls.add(refuse(ticket.work(), Outcome.LINE_FULL, lineFull(model)));
    }
    // Whoever made room a moment ago may not have seen that somebody waits for it.
    anybodyWaits = true;
    admitNext(place.ask().model(), model, calls);
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private boolean hasRoom(Model model, String name) {
    return (settings.maxRunning() == 0 || model.running < settings.maxRunning())
        && (!settings.byRoom() || room.of(name) > model.unplaced);
  }

  private Runnable admit(Model model, Place place, Outcome outcome) {
    model.running++;
    model.unplaced++;
    count(outcome);
    return () -> place.waiter().admitted();
  }

  private Runnable refuse(Place place, Outcome outcome, ApiException error) {
    count(outcome);
    return () -> place.waiter().refused(error);
  }

  /**
   * An admitted request has ended: the next in turn may start.
   *
   * @param usedTokens what it has really needed
   */
  public void ended(Ask ask, long usedTokens) {
    List<Runnable> calls = new ArrayList<>(1);
    synchronized (this) {
      endQuota(ask, usedTokens);
      Model model = models.get(ask.model());
      if (model != null) {
        model.ended(clock.getAsLong());
        admitNext(ask.model(), model, calls);
        if (model.running == 0 && model.line.requests() == 0) {
          models.remove(ask.model());
        }
      }
    }
    calls.forEach(Runnable::run);
  }

  /**
   * The legs of an admitted request are sent, or never will be. To be called once for each.
   *
   * @param ask of a request that was admitted
   */
  public synchronized void placed(Ask ask) {
    Model model = models.get(ask.model());
    if (model != null) {
      model.unplaced--;
    }
  }

  /** The fleet may have more room than before: those in turn may start. */
  public void roomChanged() {
    if (!settings.byRoom() || !anybodyWaits) {
      return;
    }
    List<Runnable> calls = new ArrayList<>(1);
    synchronized (this) {
      models.forEach((name, model) -> admitNext(name, model, calls));
      anybodyWaits = models.values().stream().anyMatch(model -> model.line.requests() > 0);
    }
    calls.forEach(Runnable::run);
  }

  private void admitNext(String name, Model model, List<Runnable> calls) {
    while (model.line.requests() > 0 && hasRoom(model, name)) {
      Optional<Ticket<Place>> next = model.line.poll();
      if (next.isEmpty()) {
        return;
      }
      calls.add(admit(model, next.get().work(), Outcome.WAITED));
    }
  }

  /** One that waits no longer wants to; false if it does not wait. */
  public synchronized boolean leave(Ask ask, Waiter waiter) {
    Model model = models.get(ask.model());
    boolean waited = model != null && model.line.leave(new Place(ask, waiter));
    if (waited) {
      endQuota(ask, 0);
    }
    return waited;
  }

  /** Refuses those who have waited too long. To be called every so often. */
  public void expire() {
    List<Runnable> calls = new ArrayList<>();
    synchronized (this) {
      for (Model model : models.values()) {
        for (Ticket<Place> ticket : model.line.expire(clock.getAsLong())) {
          endQuota(ticket.work().ask(), 0);
          calls.add(refuse(ticket.work(), Outcome.WAITED_TOO_LONG, waitedTooLong(model)));
        }
      }
    }
    calls.forEach(Runnable::run);
  }

  private Optional<Quota.Refusal> startQuota(Ask ask, long now) {
    if (ask.limits().equals(UsageLimits.NONE)) {
      return Optional.empty();
    }
    if (quotas.size() >= MAX_TENANTS && !quotas.containsKey(ask.tenant())) {
      quotas.values().removeIf(quota -> quota.idle(now));
    }
    Quota quota = quotas.get(ask.tenant());
    if (quota == null || !quota.limits().equals(ask.limits())) {
      // Limits that were changed begin anew; requests under the old ones end there.
      quota = new Quota(ask.limits(), now);
      quotas.put(ask.tenant(), quota);
    }
    return quota.start(ask.tokens(), now);
  }

  private void endQuota(Ask ask, long usedTokens) {
    Quota quota = quotas.get(ask.tenant());
    if (quota != null && quota.limits().equals(ask.limits())) {
      quota.end(ask.tokens(), usedTokens);
    }
  }

  private static ApiException overQuota(Quota.Refusal refusal) {
    return ApiException.rateLimited(
        "This key may use "
            + refusal.value()
            + " "
            + refusal.limit().replace('_', ' ')
            + " on this gateway, and has. Try again later.",
        Math.clamp(refusal.retryAfter().toSeconds() + 1, 1, MAX_RETRY_AFTER_SECONDS));
  }

  private ApiException lineFull(Model model) {
    return ApiException.unavailable(
        "Too many requests wait for this model (limits of this gateway: "
            + settings.lineRequests()
            + " requests, "
            + settings.lineTokens()
            + " tokens; admission.max_waiting, admission.max_waiting_tokens). Try again.",
        model.retryAfterSeconds());
  }

  private ApiException waitedTooLong(Model model) {
    return ApiException.unavailable(
        "This request waited "
            + settings.maxWait().toMillis()
            + " ms for its turn (admission.max_wait). Try again.",
        model.retryAfterSeconds());
  }

  private void count(Outcome outcome) {
    LongAdder count = outcomes.get(outcome);
    if (count != null) {
      count.increment();
    }
  }

  /** How often something came out so. */
  public long count(Outcome... of) {
    long sum = 0;
    for (Outcome outcome : of) {
      LongAdder count = outcomes.get(outcome);
      sum += count == null ? 0 : count.sum();
    }
    return sum;
  }

  /** Requests that wait. */
  public synchronized int waiting() {
    return models.values().stream().mapToInt(model -> model.line.requests()).sum();
  }

  /** Tokens of the requests that wait. */
  public synchronized long waitingTokens() {
    return models.values().stream().mapToLong(model -> model.line.tokens()).sum();
  }

  /** Requests that were admitted and have not ended. */
  public synchronized int running() {
    return models.values().stream().mapToInt(model -> model.running).sum();
  }
}
