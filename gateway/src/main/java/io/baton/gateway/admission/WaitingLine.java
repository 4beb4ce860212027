package io.baton.gateway.admission;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The order in which requests of one pool wait: higher priority first; within a priority tenants
 * take turns by tokens (deficit round robin: M. Shreedhar, G. Varghese, 1995), so one that sends
 * much waits for itself only; within a tenant the nearest deadline first. Bounded in requests and
 * tokens. Not thread-safe; times are those of its caller.
 *
 * @param <T> what waits
 */
final class WaitingLine<T> {
  /** Tokens that a tenant may start in one turn, beyond what it saved up. */
  private static final int QUANTUM_TOKENS = 2_048;

  /**
   * How much may wait.
   *
   * @param requests most requests
   * @param tokens most tokens, prompt and answer together
   */
  record Limits(int requests, long tokens) {}

  /**
   * One that waits.
   *
   * @param tokens that it will need, prompt and answer together
   * @param deadlineNanos when it is no use any more
   */
  record Ticket<T>(T work, String tenant, int priority, long tokens, long deadlineNanos, long seq) {
    private static final Comparator<Ticket<?>> BY_DEADLINE =
        Comparator.<Ticket<?>>comparingLong(Ticket::deadlineNanos).thenComparingLong(Ticket::seq);
  }

  private final Limits limits;

  /** By priority, highest first. */
  private final TreeMap<Integer, Turns<T>> lanes = new TreeMap<>(Comparator.reverseOrder());

  private int requests;
  private long tokens;
  private long sequence;

  WaitingLine(Limits limits) {
    this.limits = limits;
  }

  int requests() {
    return requests;
  }

  long tokens() {
    return tokens;
  }

  /**
   * Lets one in. Where the line is full, the cheapest to lose makes room: the last to be served
   * among those of lower priority.
   *
   * @return those that must be refused; the newcomer itself if nobody ranks below it
   */
  List<Ticket<T>> enter(T work, String tenant, int priority, long needed, long deadlineNanos) {
    var ticket = new Ticket<>(work, tenant, priority, needed, deadlineNanos, sequence++);
    if (!fitsWithout(lowerThan(priority), needed)) {
      return List.of(ticket);
    }
    var shed = new ArrayList<Ticket<T>>();
    while (!fits(needed)) {
      Ticket<T> victim = lanes.lastEntry().getValue().latest();
      remove(victim);
      shed.add(victim);
    }
    lanes.computeIfAbsent(priority, p -> new Turns<>()).add(ticket);
    requests++;
    tokens += needed;
    return shed;
  }

  private boolean fits(long needed) {
    return requests + 1 <= limits.requests() && tokens + needed <= limits.tokens();
  }

  /** Nobody loses a place for a newcomer that would not fit all the same. */
  private boolean fitsWithout(Collection<Turns<T>> others, long needed) {
    if (fits(needed)) {
      return true;
    }
    int fewer = others.stream().mapToInt(lane -> lane.requests).sum();
    long less = others.stream().mapToLong(lane -> lane.tokens).sum();
    return requests - fewer + 1 <= limits.requests() && tokens - less + needed <= limits.tokens();
  }

  private Collection<Turns<T>> lowerThan(int priority) {
    return lanes.tailMap(priority, false).values();
  }

  /** The next in turn, without taking it. */
  Optional<Ticket<T>> peek() {
    return lanes.isEmpty() ? Optional.empty() : Optional.of(lanes.firstEntry().getValue().next());
  }

  /** Takes the next in turn. */
  Optional<Ticket<T>> poll() {
    Optional<Ticket<T>> next = peek();
    next.ifPresent(ticket -> {
      laneOf(ticket).pay(ticket);
      remove(ticket);
    });
    return next;
  }

  /** Takes one out that no longer wants to wait; false if it was not in the line. */
  boolean leave(T work) {
    for (Turns<T> lane : lanes.values()) {
      Optional<Ticket<T>> found = lane.find(work);
      if (found.isPresent()) {
        remove(found.get());
        return true;
      }
    }
    return false;
  }

  /** Takes out those whose deadline has passed. */
  List<Ticket<T>> expire(long nowNanos) {
    var expired = new ArrayList<Ticket<T>>();
    lanes.values().forEach(lane -> lane.expired(nowNanos, expired));
    expired.forEach(this::remove);
    return expired;
  }

  private Turns<T> laneOf(Ticket<T> ticket) {
    Turns<T> lane = lanes.get(ticket.priority());
    if (lane == null) {
      throw new IllegalStateException("no lane of priority " + ticket.priority());
    }
    return lane;
  }

  private void remove(Ticket<T> ticket) {
    Turns<T> lane = laneOf(ticket);
    lane.remove(ticket);
    if (lane.isEmpty()) {
      lanes.remove(ticket.priority());
    }
    requests--;
    tokens -= ticket.tokens();
  }

  /** The tenants of one priority, in turn. */
  private static final class Turns<T> {
    private final Map<String, Tenant<T>> tenants = new HashMap<>();
    private final Deque<Tenant<T>> rotation = new ArrayDeque<>();
    private int requests;
    private long tokens;

    void add(Ticket<T> ticket) {
      Tenant<T> tenant = tenants.get(ticket.tenant());
      if (tenant == null) {
        tenant = new Tenant<>();
        tenants.put(ticket.tenant(), tenant);
        rotation.addLast(tenant);
      }
      tenant.waiting.add(ticket);
      requests++;
      tokens += ticket.tokens();
    }

    /** Turns pass until a tenant can pay for its first; that one stays at the front. */
    Ticket<T> next() {
      while (true) {
        Tenant<T> tenant = rotation.getFirst();
        Ticket<T> first = tenant.first();
        if (tenant.credit >= first.tokens()) {
          return first;
        }
        tenant.credit += QUANTUM_TOKENS;
        rotation.addLast(rotation.removeFirst());
      }
    }

    void pay(Ticket<T> ticket) {
      tenant(ticket).credit -= ticket.tokens();
    }

    void remove(Ticket<T> ticket) {
      Tenant<T> tenant = tenant(ticket);
      tenant.waiting.remove(ticket);
      requests--;
      tokens -= ticket.tokens();
      if (tenant.waiting.isEmpty()) {
        // Credit is for those who wait; saved up, it would let a tenant burst later.
        tenants.remove(ticket.tenant());
        rotation.remove(tenant);
      }
    }

    private Tenant<T> tenant(Ticket<T> ticket) {
      Tenant<T> tenant = tenants.get(ticket.tenant());
      if (tenant == null) {
        throw new IllegalStateException("tenant " + ticket.tenant() + " does not wait");
      }
      return tenant;
    }

    Ticket<T> latest() {
      return tenants.values().stream()
          .flatMap(tenant -> tenant.waiting.stream())
          .max(Ticket.BY_DEADLINE)
          .orElseThrow();
    }

    Optional<Ticket<T>> find(T work) {
      return tenants.values().stream()
          .flatMap(tenant -> tenant.waiting.stream())
          .filter(ticket -> ticket.work().equals(work))
          .findFirst();
    }

    void expired(long nowNanos, List<Ticket<T>> into) {
      for (Tenant<T> tenant : tenants.values()) {
        for (Ticket<T> ticket : tenant.waiting) {
          if (ticket.deadlineNanos() <= nowNanos) {
            into.add(ticket);
          }
        }
      }
    }

    boolean isEmpty() {
      return tenants.isEmpty();
    }
  }

  private static final class Tenant<T> {
    private final PriorityQueue<Ticket<T>> waiting = new PriorityQueue<>(Ticket.BY_DEADLINE);
    private long credit;

    Ticket<T> first() {
      @Nullable Ticket<T> first = waiting.peek();
      if (first == null) {
        throw new IllegalStateException("a tenant without requests is in turn");
      }
      return first;
    }
  }
}
