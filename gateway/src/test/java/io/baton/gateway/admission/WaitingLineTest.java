package io.baton.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.gateway.admission.WaitingLine.Limits;
import io.baton.gateway.admission.WaitingLine.Ticket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WaitingLineTest {
  private static final long NEVER = Long.MAX_VALUE;

  private final WaitingLine<String> line = new WaitingLine<>(new Limits(1_000, 1_000_000));

  @Test
  void higherPriorityGoesFirst() {
    line.enter("low", "a", 0, 10, NEVER);
    line.enter("high", "a", 5, 10, NEVER);
    assertThat(drain(line)).containsExactly("high", "low");
  }

  @Test
  void aTenantsNearestDeadlineGoesFirstAndEqualOnesInOrder() {
    line.enter("third", "a", 0, 10, 300);
    line.enter("first", "a", 0, 10, 100);
    line.enter("second", "a", 0, 10, 200);
    line.enter("fourth", "a", 0, 10, 300);
    assertThat(drain(line)).containsExactly("first", "second", "third", "fourth");
  }

  @Test
  void aGreedyTenantDelaysOthersByOneTurnOnly() {
    for (int i = 0; i < 100; i++) {
      line.enter("greedy", "a", 0, 2_000, NEVER);
    }
    line.enter("modest", "b", 0, 2_000, NEVER);
    assertThat(drain(line).indexOf("modest")).isLessThanOrEqualTo(1);
  }

  @Test
  void smallRequestsTooTakeTurnsOneByOne() {
    for (int i = 0; i < 100; i++) {
      line.enter("greedy", "a", 0, 48, NEVER);
    }
    assertThat(line.poll()).map(Ticket::work).hasValue("greedy");
    line.enter("modest", "b", 0, 48, NEVER);
    assertThat(drain(line).indexOf("modest")).isZero();
  }

  @Test
  void aFullLineShedsOfTheTenantThatHasMostInIt() {
    var small = new WaitingLine<String>(new Limits(4, 1_000_000));
    for (int i = 0; i < 4; i++) {
      small.enter("greedy-" + i, "a", 0, 10, i);
    }
    assertThat(works(small.enter("greedy-4", "a", 0, 10, 4))).containsExactly("greedy-4");
    assertThat(works(small.enter("modest-0", "b", 0, 10, 9))).containsExactly("greedy-3");
    assertThat(works(small.enter("modest-1", "b", 0, 10, 9))).containsExactly("greedy-2");
    assertThat(works(small.enter("modest-2", "b", 0, 10, 9)))
        .as("both have as much now")
        .containsExactly("modest-2");
    assertThat(drain(small))
        .containsExactlyInAnyOrder("greedy-0", "greedy-1", "modest-0", "modest-1");
  }

  @Test
  void tenantsShareByTokensNotByRequests() {
    for (int i = 0; i < 200; i++) {
      line.enter("large", "a", 0, 4_000, NEVER);
      line.enter("small", "b", 0, 400, NEVER);
    }
    Map<String, Integer> tokens = new HashMap<>();
    for (int i = 0; i < 110; i++) {
      Ticket<String> ticket = line.poll().orElseThrow();
      tokens.merge(ticket.work(), (int) ticket.tokens(), Integer::sum);
    }
    assertThat((double) tokens.get("large") / tokens.get("small")).isBetween(0.8, 1.25);
  }

  @Test
  void aFullLineShedsLowerPriorityFirstAndElseTheNewcomer() {
    var small = new WaitingLine<String>(new Limits(2, 1_000_000));
    assertThat(small.enter("one", "a", 0, 10, 100)).isEmpty();
    assertThat(small.enter("two", "a", 0, 10, 200)).isEmpty();
    assertThat(works(small.enter("three", "a", 0, 10, 300))).containsExactly("three");
    assertThat(works(small.enter("urgent", "a", 1, 10, 300))).containsExactly("two");
    assertThat(drain(small)).containsExactly("urgent", "one");
  }

  @Test
  void tokensBoundTheLineToo() {
    var small = new WaitingLine<String>(new Limits(100, 1_000));
    assertThat(small.enter("one", "a", 0, 900, NEVER)).isEmpty();
    assertThat(works(small.enter("two", "a", 0, 200, NEVER))).containsExactly("two");
    assertThat(small.tokens()).isEqualTo(900);
  }

  @Test
  void nobodyLosesAPlaceForANewcomerThatDoesNotFitAllTheSame() {
    var small = new WaitingLine<String>(new Limits(100, 1_000));
    small.enter("low", "a", 0, 300, NEVER);
    small.enter("equal", "a", 5, 600, NEVER);
    assertThat(works(small.enter("large", "a", 5, 500, NEVER))).containsExactly("large");
    assertThat(drain(small)).containsExactly("equal", "low");
  }

  @Test
  void whatNobodyWaitsForAnyMoreIsTakenOut() {
    line.enter("late", "a", 0, 10, 100);
    line.enter("gone", "a", 0, 10, 500);
    line.enter("stays", "b", 0, 10, 500);
    assertThat(works(line.expire(100))).containsExactly("late");
    assertThat(line.leave("gone")).isTrue();
    assertThat(line.leave("gone")).isFalse();
    assertThat(drain(line)).containsExactly("stays");
  }

  /** Against a list of what should be there, for any mix of what can happen. */
  @Test
  void nothingIsLostOrServedTwice() {
    var random = new SplittableRandom(3);
    var bounded = new WaitingLine<Integer>(new Limits(50, 100_000));
    List<Integer> expected = new ArrayList<>();
    Map<Integer, Long> tokens = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          long needed = random.nextInt(1, 6_000);
          expected.add(i);
          tokens.put(i, needed);
          bounded
              .enter(i, "t" + random.nextInt(5), random.nextInt(3), needed, random.nextInt(40_000))
              .forEach(ticket -> expected.remove(ticket.work()));
        }
        case 2 ->
            bounded.poll().ifPresent(ticket -> assertThat(expected.remove(ticket.work())).isTrue());
        default -> {
          bounded.expire(i).forEach(ticket -> expected.remove(ticket.work()));
          if (!expected.isEmpty()) {
            Integer leaving = expected.get(random.nextInt(expected.size()));
            assertThat(bounded.leave(leaving)).isTrue();
            expected.remove(leaving);
          }
        }
      }
      assertThat(bounded.requests()).isEqualTo(expected.size()).isLessThanOrEqualTo(50);
      assertThat(bounded.tokens())
          .isEqualTo(expected.stream().mapToLong(tokens::get).sum())
          .isLessThanOrEqualTo(100_000);
    }
  }

  private static <T> List<T> drain(WaitingLine<T> line) {
    List<T> order = new ArrayList<>();
    for (var ticket = line.poll(); ticket.isPresent(); ticket = line.poll()) {
      order.add(ticket.get().work());
    }
    assertThat(line.requests()).isZero();
    assertThat(line.tokens()).isZero();
    return order;
  }

  private static <T> List<T> works(List<Ticket<T>> tickets) {
    return tickets.stream().map(Ticket::work).toList();
  }
}
