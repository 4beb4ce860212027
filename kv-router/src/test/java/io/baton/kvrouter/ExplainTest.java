package io.baton.kvrouter;

import static io.baton.kvrouter.TestFleet.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is explained is what comes next, and asking changes nothing. */
class ExplainTest {
  @ParameterizedTest
  @EnumSource(
      value = RoutingPolicy.class,
      names = {"KV", "ROUND_ROBIN", "LEAST_LOADED", "SESSION"})
  void whatIsExplainedIsWhatTheNextRequestDoes(RoutingPolicy policy) throws Exception {
    var fleet =
        new TestFleet(RouterSettings.defaults().withPolicy(policy)).join(Phase.AGGREGATED, 6);
    var random = new SplittableRandom(1);
    for (int i = 0; i < 300; i++) {
      int[] prompt = prompt(random.nextInt(20), random.nextInt(30));
      RouteRequest request =
          RouteRequest.of("r" + i, Phase.AGGREGATED, prompt).withSession("s" + random.nextInt(9));

      RouteReceipt explained = fleet.router.explain(request);
      RouteReceipt again = fleet.router.explain(request);
      RouteReceipt real = fleet.route(request);

      assertThat(again.candidates()).isEqualTo(explained.candidates());
      assertThat(real.candidates()).isEqualTo(explained.candidates());
      assertThat(real.reason()).isEqualTo(explained.reason());
      assertThat(explained.held()).isEmpty();
      if (random.nextInt(3) > 0) {
        real.reservation().release();
      }
      fleet.now += 10_000_000;
    }
  }

  @Test
  void amongEqualsTheOneChosenLongestAgoIsNextAndRoutersDoNotAllBeginWithTheSame()
      throws Exception {
    Set<WorkerRank> firsts = new HashSet<>();
    for (int seed = 0; seed < 30; seed++) {
      var router = new KvRouter(RouterSettings.defaults(), () -> 1, new SplittableRandom(seed));
      for (int i = 0; i < 4; i++) {
        router.workerJoined(
            new WorkerRank("w" + i, 1, 0),
            new WorkerProfile(Phase.AGGREGATED, TestFleet.BLOCK, 100, "", true));
      }
      Set<WorkerRank> chosen = new HashSet<>();
      for (int i = 0; i < 4; i++) {
        RouteReceipt receipt =
            router.route(RouteRequest.of("r", Phase.AGGREGATED, prompt(1000 + i, 3)));
        receipt.reservation().release();
        if (chosen.isEmpty()) {
          firsts.add(receipt.chosen());
        }
        chosen.add(receipt.chosen());
      }
      assertThat(chosen).hasSize(4);
    }
    assertThat(firsts).hasSize(4);
  }
}
