package io.baton.engine.backend;

/**
 * KV of a backend in another process on this machine, which can be read in place; for one transfer,
 * which closes it at its end. Any thread.
 */
public interface PeerKv extends AutoCloseable {

  /**
   * Copies one layer of some of its blocks to blocks of the backend that opened it, and waits for
   * that.
   *
   * @param theirs block numbers there
   * @param own block numbers here, of which those from {@code from} on are meant
   */
  void copy(int layer, int[] theirs, int[] own, int from);

  @Override
  void close();
}
