package io.baton.standalone.route;

import java.util.List;

/** Whoever chooses workers in a simulation. */
interface Policy {
  /** Index of the worker for a request that has just arrived. */
  int choose(SimRequest request);

  /** A prompt was computed. */
  default void firstToken(SimRequest request) {}

  /** An answer is complete. */
  default void finished(SimRequest request) {}

  /** A worker's cache holds a prompt's blocks from this one on. */
  default void stored(int worker, TraceRequest request, int fromBlock) {}

  /** A worker's cache has lost blocks. */
  default void evicted(int worker, List<Long> blocks) {}

  /** Beliefs it ended with, for the report; empty if it has none. */
  default String beliefs() {
    return "";
  }
}
