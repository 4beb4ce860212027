package io.baton.telemetry;

import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The W3C {@code traceparent}, level 2: read strictly, written as version 00.
 *
 * @param traceId 32 lower-case hex digits, not all zero
 * @param spanId 16 lower-case hex digits, not all zero
 * @param flags bit 0 sampled, bit 1 random trace id; other bits are dropped
 * @see <a href="https://www.w3.org/TR/trace-context-2/">Trace Context Level 2</a>
 */
public record TraceParent(String traceId, String spanId, int flags) {
  /** Recorded. */
  public static final int SAMPLED = 1;

  /** The right-most seven bytes of the trace id are random. */
  public static final int RANDOM = 2;

  private static final int LENGTH = 55;

  /** Reads a header; empty if it is absent or breaks the rules, so that a new trace begins. */
  public static Optional<TraceParent> parse(@Nullable String header) {
    if (header == null || header.length() < LENGTH || !framed(header)) {
      return Optional.empty();
    }
    String traceId = header.substring(3, 35);
    String spanId = header.substring(36, 52);
    if (!isHex(header, 0, 2)
        || !isHex(header, 3, 35)
        || !isHex(header, 36, 52)
        || !isHex(header, 53, 55)
        || isZero(traceId)
        || isZero(spanId)) {
      return Optional.empty();
    }
    int flags = HexFormat.fromHexDigits(header, 53, 55) & (SAMPLED | RANDOM);
    return Optional.of(new TraceParent(traceId, spanId, flags));
  }

  /** Hyphens where they belong, and a length that the version allows; version ff is forbidden. */
  private static boolean framed(String header) {
    boolean version00 = header.startsWith("00");
    boolean lengthFits = header.length() == LENGTH || (!version00 && header.charAt(LENGTH) == '-');
    return lengthFits
        && !header.startsWith("ff")
        && header.charAt(2) == '-'
        && header.charAt(35) == '-'
        && header.charAt(52) == '-';
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(String hex) {
    for (int i = 0; i < hex.length(); i++) {
      if (hex.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }

  /** A new trace id: 16 random bytes as hex. */
  public static String newTraceId() {
    return Ids.traceId();
  }

  public boolean sampled() {
    return (flags & SAMPLED) != 0;
  }

  /** The header's value. */
  @Override
  public String toString() {
    return "00-" + traceId + "-" + spanId + "-0" + flags;
  }
}
