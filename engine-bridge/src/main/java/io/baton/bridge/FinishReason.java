package io.baton.bridge;

/** Why a request ended. */
public enum FinishReason {
  /** An end token or a stop token. */
  STOP,
  /** {@code maxTokens} or the model's context is used up. */
  LENGTH,
  /** Cancelled. */
  ABORT,
  /** A prefill leg whose KV the decode leg has. */
  HANDOFF
}
