package io.baton.kvrouter;

/** What the router can know about a worker rank's prefix cache. */
public enum CacheView {
  /** It publishes events and they are counted: overlap is exact. */
  EVENTS,
  /** It publishes none: only what was just sent to it is assumed. */
  NO_EVENTS,
  /**
   * It publishes events, but its engine keeps finding less than they promise: only what was just
   * sent to it is assumed.
   */
  DISTRUSTED,
  /** Its block size is unknown or not the pool's: it is routed by load only. */
  OTHER_BLOCK_SIZE
}
