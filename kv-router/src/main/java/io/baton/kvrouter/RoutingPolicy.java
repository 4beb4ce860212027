package io.baton.kvrouter;

/** How a worker is chosen. */
public enum RoutingPolicy {
  /** Least cost, made of queue, prompt tokens still to compute, and decode load. */
  KV,
  /** Each in turn, blind to caches and load. */
  ROUND_ROBIN,
  /** Fewest active requests, blind to caches. */
  LEAST_LOADED
}
