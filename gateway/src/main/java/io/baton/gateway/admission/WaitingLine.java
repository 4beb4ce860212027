package io.baton.gateway.admission;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The order in which requests of one pool wait: higher priority first; within a priority tenants
 * take turns by tokens (deficit round robin: M. Shreedhar, G. Varghese, 1995), so one that sends
 * much waits for itself only; within a tenant the nearest deadline first. Bounded in requests and
 * tokens. Not thread-safe; times are those of its caller.
 *
 * @param <T> what waits
 */
final class WaitingLine<T> {
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
   * among those of lower priority, then of the tenant that has most in the line, as long as that is
   * more than the newcomer's.
   *
   * @return those that must be refused; the newcomer itself if nobody should go for it
   */
  List<Ticket<T>> enter(T work, String tenant, int priority, long needed, long deadlineNanos) {
    var ticket = new Ticket<>(work, tenant, priority, needed, deadlineNanos, sequence++);
    var shortage =
        new Shortage<T>(requests + 1 - limits.requests(), tokens + needed - limits.tokens());
    lanes.tailMap(priority, false).descendingMap().values().forEach(lane -> lane.offer(shortage));
    Turns<T> own = lanes.get(priority);
    if (own != null) {
      own.offerOfHeavier(ticket, shortage);
    }
    if (!shortage.over()) {
      // Nobody loses a place for a newcomer that would not fit all the same.
      return List.of(ticket);
    }
    shortage.victims.forEach(this::remove);
    lanes.computeIfAbsent(priority, p -> new Turns<>()).add(ticket);
    requests++;
    tokens += needed;
    return shortage.victims;
  }

  /** What a newcomer lacks, and who would have to go for it. */
  private static final class Shortage<T> {
    private final List<Ticket<T>> victims = new ArrayList<>();
    private long requests;
    private long tokens;

    Shortage(long requests, long tokens) {
      this.requests = requests;
      this.tokens = tokens;
    }

    boolean over() {
      return requests <= 0 && tokens <= 0;
    }

    void take(Ticket<T> victim) {
      victims.add(victim);
      requests--;
      tokens -= victim.tokens();
    }
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

    void add(Ticket<T> ticket) {
      Tenant<T> tenant = tenants.get(ticket.tenant());
      if (tenant == null) {
        tenant = new Tenant<>();
        tenants.put(ticket.tenant(), tenant);
        // Among equals the newcomer goes first: who asks seldom hardly waits.
        rotation.addFirst(tenant);
      }
      tenant.waiting.add(ticket);
      tenant.tokens += ticket.tokens();
    }

    /**
     * The first in the rotation that can pay for its request. If nobody can, all get the same: just
     * enough for somebody. So a turn is as small as requests are, and who comes anew waits for one
     * request of each other tenant, not for a quantum's worth of them.
     */
    Ticket<T> next() {
      long least = rotation.stream().mapToLong(Tenant::lacks).min().orElseThrow();
      if (least > 0) {
        rotation.forEach(tenant -> tenant.credit += least);
      }
      return rotation.stream()
          .filter(tenant -> tenant.lacks() <= 0)
          .findFirst()
          .orElseThrow()
          .first();
    }

    /** Its turn is over. */
    void pay(Ticket<T> ticket) {
      Tenant<T> tenant = tenant(ticket);
      tenant.credit -= ticket.tokens();
      rotation.remove(tenant);
      rotation.addLast(tenant);
    }

    /** All of them may go, the last to be served first. */
    void offer(Shortage<T> shortage) {
      if (!shortage.over()) {
        tenants.values().stream()
            .flatMap(tenant -> tenant.waiting.stream())
            .sorted(Ticket.BY_DEADLINE.reversed())
            .takeWhile(ticket -> !shortage.over())
            .forEach(shortage::take);
      }
    }

    /** Those of tenants that have more here than the newcomer's would have may go. */
    void offerOfHeavier(Ticket<T> newcomer, Shortage<T> shortage) {
      Tenant<T> own = tenants.get(newcomer.tenant());
      long most = (own == null ? 0 : own.tokens) + newcomer.tokens();
      Map<Tenant<T>, Iterator<Ticket<T>>> latest = new HashMap<>();
      Map<Tenant<T>, Long> left = new HashMap<>();
      while (!shortage.over()) {
        Tenant<T> heaviest = null;
        long heaviestTokens = most;
        for (Tenant<T> tenant : tenants.values()) {
          long tokensLeft = left.getOrDefault(tenant, tenant.tokens);
          if (tenant != own && tokensLeft > heaviestTokens) {
            heaviest = tenant;
            heaviestTokens = tokensLeft;
          }
        }
        if (heaviest == null) {
          return;
        }
        Ticket<T> victim =
            latest.computeIfAbsent(heaviest, t -> t.waiting.descendingIterator()).next();
        left.put(heaviest, heaviestTokens - victim.tokens());
        shortage.take(victim);
      }
    }

    void remove(Ticket<T> ticket) {
      Tenant<T> tenant = tenant(ticket);
      tenant.waiting.remove(ticket);
      tenant.tokens -= ticket.tokens();
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
    private final TreeSet<Ticket<T>> waiting = new TreeSet<>(Ticket.BY_DEADLINE);
    private long tokens;
    private long credit;

    /** The next to be served; a tenant is here only while it has one. */
    Ticket<T> first() {
      return waiting.first();
    }

    /** Credit that is missing for its first; 0 or less: it can pay. */
    long lacks() {
      return first().tokens() - credit;
    }
  }
}
