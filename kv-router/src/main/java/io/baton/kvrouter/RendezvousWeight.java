package io.baton.kvrouter;

import io.baton.kvblocks.BlockHasher;
import java.util.Arrays;

/** How strongly a session is drawn to a worker; the strongest wins. */
final class RendezvousWeight {
  private RendezvousWeight() {}

  /** By the worker's stable name, so that a restarted worker gets its sessions back. */
  static long of(byte[] session, WorkerRank worker) {
    long name = worker.workerId().hashCode() * 31L + worker.rank();
    return BlockHasher.chain(Arrays.hashCode(session), name);
  }
}
