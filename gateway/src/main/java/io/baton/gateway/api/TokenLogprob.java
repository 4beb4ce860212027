package io.baton.gateway.api;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How probable a token of an answer was.
 *
 * @param bytes what it stands for, perhaps only part of a character
 * @param logprob natural logarithm of its probability under the model's own distribution
 * @param top the most probable tokens in its place, best first
 */
@SuppressWarnings("ArrayRecordComponent")
public record TokenLogprob(byte[] bytes, float logprob, List<TokenLogprob> top) {
  /** Clients parse JSON, which has no infinity; OpenAI shows this for what cannot be. */
  private static final float LEAST = -9999;

  /** The first token of a prompt, of which nothing before it says how probable it is. */
  public static TokenLogprob first(byte[] bytes) {
    return new TokenLogprob(bytes, Float.NaN, List.of());
  }

  /** Whether there is a log-probability. */
  boolean known() {
    return !Float.isNaN(logprob);
  }

  /** The token as text; broken characters are replaced. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A number that JSON can hold. */
  public float shown() {
    return Float.isNaN(logprob) || logprob < LEAST ? LEAST : logprob;
  }
}
