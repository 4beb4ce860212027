package io.baton.kvrouter;

import io.baton.kvblocks.BlockHashes;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Whether a prompt is worth a worker of its own: the outcome of {@link KvRouter#compareLegs}. There
 * is no threshold of tokens; a short prompt, a long queue before the prefill workers or slow
 * prefill workers all end the same way.
 *
 * @param apartMillis estimate of both legs with the handover; empty if no such pair can be chosen
 *     or the policy makes no estimates
 * @param aloneMillis estimate of a decode worker that computes the prompt itself; empty likewise
 * @param hashes of the prompt, so that it is hashed once
 */
public record LegChoice(
    OptionalDouble apartMillis, OptionalDouble aloneMillis, Optional<BlockHashes> hashes) {

  /** Whether one decode worker should do all of it. */
  public boolean alone() {
    return aloneMillis.isPresent()
        && (apartMillis.isEmpty() || aloneMillis.getAsDouble() < apartMillis.getAsDouble());
  }

  /** Both estimates, as they come. */
  static final class Builder {
    private OptionalDouble apart = OptionalDouble.empty();
    private OptionalDouble alone = OptionalDouble.empty();
    private Optional<BlockHashes> hashes = Optional.empty();

    void apart(RouteReceipt prefill, RouteReceipt decode) {
      hashes = prefill.hashes().or(decode::hashes);
      Optional<CostTerms> first = prefill.candidates().getFirst().cost();
      Optional<CostTerms> second = decode.candidates().getFirst().cost();
      if (first.isPresent() && second.isPresent()) {
        apart = OptionalDouble.of(first.get().total() + second.get().total());
      }
    }

    void alone(RouteReceipt receipt) {
      hashes = hashes.or(receipt::hashes);
      receipt.candidates().getFirst().cost().ifPresent(c -> alone = OptionalDouble.of(c.total()));
    }

    Optional<BlockHashes> hashes() {
      return hashes;
    }

    LegChoice build() {
      return new LegChoice(apart, alone, hashes);
    }
  }
}
