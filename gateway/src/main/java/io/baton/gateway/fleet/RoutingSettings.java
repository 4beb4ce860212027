package io.baton.gateway.fleet;

import io.baton.config.Setting;
import io.baton.gateway.routing.ReceiptLog;
import io.baton.gateway.routing.RouteDesk;
import io.baton.gateway.routing.SteeringRight;
import io.baton.kvrouter.CostSettings;
import io.baton.kvrouter.RouterSettings;
import io.baton.kvrouter.RoutingPolicy;
import java.time.Duration;

/** How workers are chosen; the words of configuration for {@link RouterSettings}. */
public record RoutingSettings(
    @Setting(
            value =
                "kv (prefix overlap and load), round_robin, random, least_loaded, power_of_two, session.",
            def = "kv")
        RoutingPolicy policy,
    @Setting(
            value =
                "0: the least cost wins; above, a draw in which cheaper workers are likelier, 1"
                    + " being a wide spread.",
            def = "0",
            min = 0)
        double temperature,
    @Setting(
            value =
                "Whether engines may drop a block and keep its children (sliding windows): every"
                    + " block of a prompt is looked up then.",
            def = "false")
        boolean holesPossible,
    @Setting(value = "Candidates that a route receipt holds.", def = "16", min = 1, max = 1024)
        int receiptCandidates,
    @Setting(
            value = "Most blocks in a pool's prefix index; about 30 bytes each.",
            def = "4194304",
            min = 1)
        int indexCapacity,
    @Setting(
            value =
                "How long a prompt just routed counts as cached before its events come; 0s: not.",
            def = "5s",
            min = 0)
        Duration predictionTtl,
    @Setting(value = "Most blocks counted that way.", def = "262144", min = 2)
        int predictionCapacity,
    @Setting(
            value =
                "Whether a decode worker of the built-in engine computes a prompt itself where that"
                    + " is estimated to be faster than a prefill worker and a handover.",
            def = "false")
        boolean conditionalDisaggregation,
    @Setting(
            value =
                "Who may steer routing by headers and see receipts: nobody, operators (keys with"
                    + " admin: true; all where there are no keys) or everybody.",
            def = "operators")
        SteeringRight steering,
    ReceiptLog.Settings receipts,
    Cost cost) {

  /** What the estimate of the policy kv weighs, and where its learning starts. */
  public record Cost(
      @Setting(
              value =
                  "Charge for giving up the best cached match, in prefill times of what is given up.",
              def = "1.3",
              min = 0)
          double cacheLossWeight,
      @Setting(
              value = "Share of a block in host memory that counts as computed.",
              def = "0.75",
              min = 0,
              max = 1)
          double hostCredit,
      @Setting(
              value = "Share of a block on disk that counts as computed.",
              def = "0.25",
              min = 0,
              max = 1)
          double diskCredit,
      @Setting(
              value = "What handing a prompt over takes, beside moving its KV.",
              def = "5ms",
              min = 0)
          Duration handoff,
      @Setting(
              value =
                  "What it costs each request that decodes that its worker computes a prompt"
                      + " meanwhile, as a share of that time.",
              def = "0.25",
              min = 0)
          double interferenceWeight,
      @Setting(
              value = "What staying on the worker of the session's last request is worth.",
              def = "20ms",
              min = 0)
          Duration sessionCredit,
      @Setting(
              value = "Whether the speeds below are only a start and learnt from requests.",
              def = "true")
          boolean learning,
      @Setting(value = "Prompt tokens that a worker computes in a second.", def = "16000", min = 1)
          double prefillTokensPerSecond,
      @Setting(
              value = "Tokens whose KV moves from prefill to decode in a second.",
              def = "350000",
              min = 1)
          double transferTokensPerSecond,
      @Setting(
              value = "Length of an answer that nobody knows yet, in tokens.",
              def = "256",
              min = 1)
          double outputTokens) {

    CostSettings toSettings() {
      CostSettings rest = CostSettings.defaults();
      return new CostSettings(
          prefillTokensPerSecond,
          transferTokensPerSecond,
          rest.decodeMillisPerRequest(),
          rest.decodeMillisPerKvToken(),
          outputTokens,
          hostCredit,
          diskCredit,
          cacheLossWeight,
          handoff.toNanos() / 1e6,
          interferenceWeight,
          sessionCredit.toNanos() / 1e6,
          learning);
    }
  }

  /** What the gateway itself decides. */
  public RouteDesk.Rules toRules() {
    return new RouteDesk.Rules(steering, conditionalDisaggregation);
  }

  /** The same in the router's words. */
  public RouterSettings toSettings() {
    return new RouterSettings(
        policy,
        cost.toSettings(),
        temperature,
        holesPossible,
        indexCapacity,
        predictionTtl,
        predictionCapacity,
        receiptCandidates);
  }
}
