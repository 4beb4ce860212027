package io.baton.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.gateway.admission.Quota.Refusal;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuotaTest {
  private long now = 1_000;

  @Test
  void requestsAtOnceAreBounded() {
    Quota quota = quota(2, 0, 0);
    assertThat(quota.start(1, now)).isEmpty();
    assertThat(quota.start(1, now)).isEmpty();
    assertThat(quota.start(1, now)).map(Refusal::limit).hasValue("concurrent_requests");
    quota.end(1, 1);
    assertThat(quota.start(1, now)).isEmpty();
  }

  @Test
  void requestsPerMinuteRefillEvenlyAndTheWaitIsTold() {
    Quota quota = quota(0, 60, 0);
    for (int i = 0; i < 60; i++) {
      assertThat(quota.start(1, now)).isEmpty();
    }
    Refusal refusal = quota.start(1, now).orElseThrow();
    assertThat(refusal.retryAfter()).isBetween(Duration.ofMillis(999), Duration.ofMillis(1_001));
    now += refusal.retryAfter().toNanos() + 1_000;
    assertThat(quota.start(1, now)).isEmpty();
    assertThat(quota.start(1, now)).isPresent();
  }

  @Test
  void tokensThatWereNotUsedComeBack() {
    Quota quota = quota(0, 0, 1_000);
    assertThat(quota.start(900, now)).isEmpty();
    assertThat(quota.start(200, now)).map(Refusal::limit).hasValue("tokens_per_minute");
    quota.end(900, 100);
    assertThat(quota.start(200, now)).isEmpty();
  }

  @Test
  void aRequestLargerThanAMinutesWorthGoesAloneAndIsPaidForLater() {
    Quota quota = quota(0, 0, 1_000);
    assertThat(quota.start(3_000, now)).isEmpty();
    quota.end(3_000, 3_000);
    now += TimeUnit.MINUTES.toNanos(1);
    assertThat(quota.start(1, now)).isPresent();
    now += TimeUnit.MINUTES.toNanos(2);
    assertThat(quota.start(1, now)).isEmpty();
  }

  @Test
  void overAnyHourNoMoreStartsThanTheLimitAllows() {
    var random = new SplittableRandom(5);
    Quota quota = quota(0, 30, 0);
    int started = 0;
    long end = now + TimeUnit.HOURS.toNanos(1);
    while (now < end) {
      if (quota.start(1, now).isEmpty()) {
        started++;
        quota.end(1, 1);
      }
      now += random.nextLong(TimeUnit.SECONDS.toNanos(2));
    }
    assertThat(started).isBetween(1_700, 30 * 61);
  }

  @Test
  void onlyAQuotaThatNobodyUsesIsIdle() {
    Quota quota = quota(0, 60, 0);
    assertThat(quota.start(1, now)).isEmpty();
    assertThat(quota.idle(now)).isFalse();
    quota.end(1, 1);
    assertThat(quota.idle(now)).isFalse();
    assertThat(quota.idle(now + TimeUnit.SECONDS.toNanos(2))).isTrue();
  }

  private Quota quota(int concurrent, int requests, long tokens) {
    return new Quota(new UsageLimits(concurrent, requests, tokens), now);
  }
}
