package io.baton.kvrouter;

/** How a worker is chosen. */
public enum RoutingPolicy {
  /** Least estimated time: queue, prompt tokens still to compute, cache given up, decode load. */
  KV,
  /** Each in turn, blind to caches and load. */
  ROUND_ROBIN,
  /** Any, blind to caches and load. */
  RANDOM,
  /** Fewest active requests, blind to caches. */
  LEAST_LOADED,
  /** Of two drawn at random, the one with fewer active requests; blind to caches. */
  POWER_OF_TWO,
  /**
   * All requests of a session to one worker, by rendezvous hashing, so that few sessions move when
   * workers come and go; requests without a session as {@link #LEAST_LOADED}.
   */
  SESSION
}
