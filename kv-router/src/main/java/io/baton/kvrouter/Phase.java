package io.baton.kvrouter;

/** The leg of a request that a worker takes, and for which a leg is routed. */
public enum Phase {
  /** Prefill and decode on one worker. */
  AGGREGATED,
  PREFILL,
  DECODE
}
