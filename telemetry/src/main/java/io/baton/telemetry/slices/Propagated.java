package io.baton.telemetry.slices;

import java.util.Optional;

/**
 * A request's trace on its way to another process of the engine.
 *
 * @param request the context with the request's own span as parent
 * @param rid the engine's id of the request
 * @param room bootstrap room; 0 if there is none
 * @param lastSliceId id of the last top-level slice before the hand-over; empty if there was none
 */
public record Propagated(TraceHeader request, String rid, long room, String lastSliceId) {
  private static final String SEPARATOR = "|";
  private static final int PARTS = 8;

  /** One line of text, for whatever carries the request. */
  public String encode() {
    return String.join(
        SEPARATOR,
        request.traceparent(),
        Integer.toString(request.level()),
        Boolean.toString(request.deferred()),
        request.gateway(),
        rid.replace(SEPARATOR, "_"),
        Long.toHexString(room),
        lastSliceId,
        // Last, since it may hold any character.
        request.tracestate());
  }

  /** Reads it back; empty if it is nothing of the kind, and then the request is not recorded. */
  public static Optional<Propagated> decode(String text) {
    String[] parts = text.split("\\|", PARTS);
    boolean fits =
        parts.length == PARTS
            && parts[0].matches("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
            && parts[1].matches("[0-3]")
            && parts[5].matches("[0-9a-f]{1,16}")
            && parts[6].matches("([0-9a-f]{16})?");
    if (!fits) {
      return Optional.empty();
    }
    var request =
        new TraceHeader(
            parts[0],
            parts[7],
            Integer.parseInt(parts[1]),
            Boolean.parseBoolean(parts[2]),
            parts[3]);
    return Optional.of(
        new Propagated(request, parts[4], Long.parseUnsignedLong(parts[5], 16), parts[6]));
  }

  Propagated after(String sliceId) {
    return new Propagated(request, rid, room, sliceId);
  }
}
