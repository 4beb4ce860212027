package io.baton.bridge;

/** Why an engine could not do a request. The message says what, where, the value and what to do. */
public final class EngineException extends Exception {
  /**
   * What kind of failure it is; decides the HTTP status and whether another worker may be tried.
   */
  public enum Kind {
    /** The request is wrong, wherever it is sent. */
    INVALID_REQUEST,
    /** No room just now. */
    BUSY,
    /** The other leg did not come, or broke off. */
    HANDOFF,
    /** The engine failed. */
    ENGINE
  }

  private final Kind kind;
  private final boolean untouched;

  /**
   * A failure with a message for people.
   *
   * @param untouched whether nothing was done for the request, so that another worker may be tried
   */
  public EngineException(Kind kind, String message, boolean untouched) {
    super(message);
    this.kind = kind;
    this.untouched = untouched;
  }

  public Kind kind() {
    return kind;
  }

  public boolean untouched() {
    return untouched;
  }
}
