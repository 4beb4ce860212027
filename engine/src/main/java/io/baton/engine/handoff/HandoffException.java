package io.baton.engine.handoff;

/** A handoff cannot go on. The message goes to both legs. */
final class HandoffException extends Exception {
  HandoffException(String message) {
    super(message);
  }
}
