package io.baton.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.gateway.admission.Admission.Ask;
import io.baton.gateway.admission.Admission.Outcome;
import io.baton.gateway.admission.Admission.Settings;
import io.baton.gateway.api.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private long now = 1;
  private int room;
  private final List<String> admitted = new ArrayList<>();
  private final Map<String, ApiException> refused = new HashMap<>();

  private final class Request implements Admission.Waiter {
    private final String name;
    private final Ask ask;

    Request(String name, Ask ask) {
      this.name = name;
      this.ask = ask;
    }

    @Override
    public void admitted() {
      admitted.add(name);
    }

    @Override
    public void refused(ApiException error) {
      refused.put(name, error);
    }
  }

  @Test
  void withoutALimitNobodyWaits() {
    Admission admission = admission(0, 1);
    for (int i = 0; i < 100; i++) {
      enter(admission, "r" + i, "a", 0);
    }
    assertThat(admitted).hasSize(100);
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void whoEndsLetsTheNextInTurnStart() {
    Admission admission = admission(1, 10);
    Request first = enter(admission, "first", "a", 0);
    enter(admission, "low", "a", 0);
    enter(admission, "high", "a", 3);
    assertThat(admitted).containsExactly("first");
    admission.ended(first.ask, 10);
    assertThat(admitted).containsExactly("first", "high");
    assertThat(admission.waiting()).isEqualTo(1);
  }

  @Test
  void aFullLineRefusesAtOnceWithAdvice() {
    Admission admission = admission(1, 1);
    enter(admission, "runs", "a", 0);
    enter(admission, "waits", "a", 0);
    enter(admission, "third", "a", 0);
    ApiException error = refused.get("third");
    assertThat(error.status()).isEqualTo(503);
    assertThat(error.retryAfterSeconds()).isBetween(1, 60);
    assertThat(error.text()).contains("admission.max_waiting");
  }

  @Test
  void whoWaitsTooLongIsRefusedAndLeavesNoTrace() {
    Admission admission = admission(1, 10);
    Request running = enter(admission, "runs", "a", 0);
    enter(admission, "waits", "a", 0);
    now += Duration.ofSeconds(31).toNanos();
    admission.expire();
    assertThat(refused.get("waits").status()).isEqualTo(503);
    admission.ended(running.ask, 1);
    assertThat(admitted).containsExactly("runs");
    assertThat(admission.running()).isZero();
  }

  @Test
  void theAdviceWhenToComeBackIsTheTimeInWhichTheLineDrains() {
    Admission admission = admission(1, 20);
    List<Request> all = new ArrayList<>();
    for (int i = 0; i < 21; i++) {
      all.add(enter(admission, "r" + i, "a", 0));
    }
    // One ends every two seconds, and now and then two at once: that is no faster fleet.
    for (int i = 0; i < 10; i++) {
      now += i % 2 == 0 ? Duration.ofSeconds(4).toNanos() : 1_000;
      admission.expire();
      admission.ended(all.get(i).ask, 1);
    }
    for (int i = 0; i < 10; i++) {
      enter(admission, "more" + i, "a", 0);
    }
    enter(admission, "refused", "a", 0);
    assertThat(refused.get("refused").retryAfterSeconds()).isBetween(30, 60);
  }

  @Test
  void whoFindsTheWorkersFullWaitsUntilTheyHaveRoom() {
    Admission admission = admission(0, 10, true);
    room = 2;
    Request one = enter(admission, "one", "a", 0);
    enter(admission, "two", "a", 0);
    enter(admission, "three", "a", 0);
    assertThat(admitted).as("those that are not sent yet count").containsExactly("one", "two");
    room = 1;
    admission.placed(one.ask);
    enter(admission, "urgent", "a", 5);
    admission.roomChanged();
    assertThat(admitted).containsExactly("one", "two");
    room = 2;
    admission.roomChanged();
    assertThat(admitted).containsExactly("one", "two", "urgent");
    assertThat(admission.waiting()).isEqualTo(1);
  }

  @Test
  void aTenantOverItsQuotaIsToldWith429() {
    Admission admission = admission(0, 10);
    var limits = new UsageLimits(1, 0, 0);
    Request first = new Request("first", new Ask("m", "a", limits, 0, 10, PATIENCE));
    Request second = new Request("second", new Ask("m", "a", limits, 0, 10, PATIENCE));
    admission.enter(first.ask, first);
    admission.enter(second.ask, second);
    assertThat(refused.get("second").status()).isEqualTo(429);
    assertThat(refused.get("second").text()).contains("1 concurrent requests");
    admission.ended(first.ask, 10);
    admission.enter(second.ask, second);
    assertThat(admitted).containsExactly("first", "second");
  }

  /** Any mix of arrivals, ends, departures and time: never too many, and nothing left at rest. */
  @Test
  void neverMoreThanAllowedAndNothingIsLeftBehind() {
    var random = new SplittableRandom(11);
    Admission admission = admission(4, 20);
    List<Request> alive = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      now += random.nextInt(1_000_000_000);
      switch (random.nextInt(4)) {
        case 0, 1 ->
            alive.add(enter(admission, "r" + i, "t" + random.nextInt(3), random.nextInt(2)));
        case 2 -> admission.expire();
        default -> {
          if (!alive.isEmpty()) {
            end(admission, alive.remove(random.nextInt(alive.size())));
          }
        }
      }
      alive.removeIf(request -> refused.containsKey(request.name));
      assertThat(admission.running()).isLessThanOrEqualTo(4);
      assertThat(admission.waiting()).isLessThanOrEqualTo(20);
      assertThat(admission.running() + admission.waiting()).isEqualTo(alive.size());
    }
    alive.forEach(request -> end(admission, request));
    assertThat(admission.running()).isZero();
    assertThat(admission.waiting()).isZero();
    assertThat(admission.waitingTokens()).isZero();
    assertThat(admission.count(Outcome.ADMITTED, Outcome.WAITED)).isEqualTo(admitted.size());
  }

  private void end(Admission admission, Request request) {
    if (!admission.leave(request.ask, request)) {
      admission.ended(request.ask, 1);
    }
  }

  private Request enter(Admission admission, String name, String tenant, int priority) {
    var request =
        new Request(name, new Ask("m", tenant, UsageLimits.NONE, priority, 100, PATIENCE));
    admission.enter(request.ask, request);
    return request;
  }

  private Admission admission(int running, int waiting) {
    return admission(running, waiting, false);
  }

  private Admission admission(int running, int waiting, boolean byRoom) {
    return new Admission(
        new Settings(running, waiting, 1_000_000, Duration.ofSeconds(30), byRoom),
        () -> now,
        model -> room);
  }
}
