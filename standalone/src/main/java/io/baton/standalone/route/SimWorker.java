package io.baton.standalone.route;

/** A simulated worker. */
interface SimWorker {
  /** Takes a request. */
  void submit(SimRequest request);

  /** Leading blocks of a prompt in its cache now. */
  int leading(long[] prompt);

  /** What a simulation hears of its workers. */
  interface Listener extends BlockLru.Changes {
    /** The prompt is computed and its blocks are in the cache. */
    void firstToken(SimRequest request);

    /** The answer is complete. */
    void finished(SimRequest request);
  }
}
