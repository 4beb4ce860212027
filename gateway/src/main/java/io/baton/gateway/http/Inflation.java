package io.baton.gateway.http;

import io.baton.gateway.api.ApiException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** Packed bodies, unpacked up to a limit. */
final class Inflation {
  private Inflation() {}

  /** Whether a body with this {@code content-encoding} is taken. */
  static boolean knows(String encoding) {
    return switch (encoding.toLowerCase(Locale.ROOT)) {
      case "", "identity", "gzip", "x-gzip", "deflate" -> true;
      default -> false;
    };
  }

  static boolean isPacked(String encoding) {
    return !encoding.isEmpty() && !encoding.equalsIgnoreCase("identity");
  }

  /**
   * Unpacks.
   *
   * @throws ApiException if it is not packed like that, or larger than the limit when unpacked
   */
  static byte[] unpack(byte[] packed, String encoding, long maxBytes) throws ApiException {
    var bytes = new ByteArrayInputStream(packed);
    boolean deflate = encoding.equalsIgnoreCase("deflate");
    try (InputStream in = deflate ? new InflaterInputStream(bytes) : new GZIPInputStream(bytes)) {
      byte[] body = in.readNBytes((int) Math.min(Integer.MAX_VALUE - 8, maxBytes + 1));
      if (body.length > maxBytes) {
        throw BodyReader.tooLarge(maxBytes);
      }
      return body;
    } catch (IOException e) {
      throw ApiException.invalid(
          null, "The body is not " + encoding + " as content-encoding says: " + e.getMessage());
    }
  }
}
