package io.baton.bridge.kvevents;

import java.util.List;

/** Asks a publisher for messages that were missed. */
@FunctionalInterface
interface Replayer {
  /**
   * One message.
   *
   * @param sequence the publisher's number
   */
  record Message(long sequence, byte[] payload) {}

  /**
   * What the publisher still has from a number on, in order; there may be holes in it, and it may
   * be empty.
   */
  List<Message> from(long sequence);
}
