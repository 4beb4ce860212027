package io.baton.standalone.route;

import io.baton.kvrouter.CostSettings;
import io.baton.kvrouter.RouterSettings;
import io.baton.kvrouter.RoutingPolicy;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Router settings from {@code key=value} words. */
final class SettingsText {
  private SettingsText() {}

  /**
   * The defaults with these changes.
   *
   * @throws IOException if a key is unknown or a value is none
   */
  static RouterSettings parse(List<String> words) throws IOException {
    RouterSettings settings = RouterSettings.defaults();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw new IOException(word + " (expected: key=value)");
      }
      try {
        settings = with(settings, word.substring(0, equals), word.substring(equals + 1));
      } catch (IllegalArgumentException e) {
        throw new IOException(word + ": " + e.getMessage(), e);
      }
    }
    return settings;
  }

  private static RouterSettings with(RouterSettings settings, String key, String value)
      throws IOException {
    CostSettings cost = settings.cost();
    return switch (key) {
      case "policy" -> settings.withPolicy(RoutingPolicy.valueOf(value.toUpperCase(Locale.ROOT)));
      case "temperature" -> settings.withTemperature(Double.parseDouble(value));
      case "cache_loss_weight" ->
          settings.withCost(cost.withCacheLossWeight(Double.parseDouble(value)));
      case "prefill_tokens_per_second" ->
          settings.withCost(cost.withPrefill(Double.parseDouble(value), cost.learning()));
      case "learning" ->
          settings.withCost(
              cost.withPrefill(cost.prefillTokensPerSecond(), Boolean.parseBoolean(value)));
      default ->
          throw new IOException(
              key
                  + " (expected: policy, temperature, cache_loss_weight,"
                  + " prefill_tokens_per_second or learning)");
    };
  }
}
