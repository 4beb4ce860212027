package io.baton.kvrouter;

/**
 * The load that one leg puts on the worker rank it was routed to.
 *
 * <p>Who asked for the route owns it and must call {@link #release()} on every path: end, refusal,
 * cancel, failure. Nothing is released by age. All methods may be called from any thread, do not
 * block, and do nothing after {@code release()}.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Reservation {
  Reservation() {}

  /** The first token is there: the prompt waits no more. Later calls do nothing. */
  public void prefillDone() {
    throw new UnsupportedOperationException();
  }

  /**
   * Tokens were generated: the leg's KV has grown.
   *
   * @param tokens since the last call, at least 0
   */
  public void output(int tokens) {
    throw new UnsupportedOperationException();
  }

  /** The leg is over: gives back all of it. Later calls do nothing. */
  public void release() {
    throw new UnsupportedOperationException();
  }
}
