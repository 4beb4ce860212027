package io.baton.standalone.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

/** Malformed, truncated, oversized, deeply nested and wrongly encoded requests, by a seed. */
final class Attacks {
  private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
  private static final String MODEL = "\"model\":\"baton-demo\",\"max_tokens\":2,";

  /** A right body of every route. */
  static final Map<String, String> BODIES =
      Map.of(
          "/v1/chat/completions",
          "{"
              + MODEL
              + MESSAGES
              + ",\"stop\":[\"x\"],\"n\":1,\"logit_bias\":{\"5\":1},\"stream_options\":null,"
              + "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}],"
              + "\"tool_choice\":\"auto\",\"response_format\":{\"type\":\"text\"},\"seed\":1}",
          "/v1/completions",
          "{" + MODEL + "\"prompt\":[\"a\",\"b\"],\"logprobs\":1,\"echo\":false,\"best_of\":1}",
          "/v1/messages",
          "{" + MODEL + MESSAGES + ",\"system\":\"x\",\"stop_sequences\":[\"y\"],\"top_k\":4}",
          "/v1/messages/count_tokens",
          "{\"model\":\"baton-demo\"," + MESSAGES + "}",
          "/v1/responses",
          "{\"model\":\"baton-demo\",\"max_output_tokens\":2,\"input\":[{\"role\":\"user\",\"content\":"
              + "[{\"type\":\"input_text\",\"text\":\"Hi\"}]}],\"text\":{\"format\":{\"type\":\"text\"}}}",
          "/tokenize",
          "{\"model\":\"baton-demo\",\"prompt\":\"Hi\"}",
          "/detokenize",
          "{\"model\":\"baton-demo\",\"tokens\":[1,2,3]}");

  private static final List<String> PATHS = BODIES.keySet().stream().sorted().toList();

  private static final String POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n";

  /** No HTTP, or HTTP that means two things at once. */
  private static final List<String> STRANGE =
      List.of(
          "\r\n\r\n\r\n",
          "GET\r\n\r\n",
          "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
          "GET / HTTP/1.1\r\nbroken header\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n",
          "GET /%zz%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
          "GET /v1/models/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
          "GET //../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
          "GET http://[::1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
          "GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
          "CONNECT x:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
          "BREW /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
          POST + "Content-Length: -1\r\n\r\n{}",
          POST + "Content-Length: 99999999999999999999\r\n\r\n{}",
          POST + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
          POST + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
          POST + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}",
          POST + "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
          POST + "Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n",
          POST + "Expect: miracles\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
          POST + "traceparent: 00-zz-zz-zz\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
          POST + "x-request-id: \u0001\u0002\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000garbage that is no frame",
          "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");

  private final SplittableRandom random;

  Attacks(long seed) {
    this.random = new SplittableRandom(seed);
  }

  Attack next() {
    String path = PATHS.get(random.nextInt(PATHS.size()));
    String right = BODIES.get(path);
    return switch (random.nextInt(12)) {
      case 0 -> Attack.body("half the JSON", path, half(right));
      case 1 -> Attack.body("noise", path, noise(random.nextInt(1, 2000)));
      case 2 -> Attack.body("changed bytes", path, changed(right));
      case 3 -> encoded(path, right);
      case 4 -> Attack.body("deep", path, deep(right));
      case 5, 6, 7 -> Attack.body("other types", path, otherTypes(right));
      case 8 -> Attack.body("large numbers", path, largeNumbers(right));
      case 9 -> oversized(path);
      case 10 -> Attack.http("strange HTTP", STRANGE.get(random.nextInt(STRANGE.size())));
      default -> {
        Attack whole = Attack.body("a right request", path, utf8(right));
        yield whole.cutAt(random.nextInt(whole.bytes().length));
      }
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] half(String right) {
    return utf8(right.substring(0, random.nextInt(right.length())));
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] changed(String right) {
    byte[] bytes = utf8(right);
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private Attack encoded(String path, String right) {
    return switch (random.nextInt(6)) {
      case 0 -> Attack.body("UTF-16", path, right.getBytes(StandardCharsets.UTF_16));
      case 1 -> Attack.body("UTF-32", path, right.getBytes(Charset.forName("UTF-32")));
      case 2 ->
          Attack.body(
              "half a character",
              path,
              Attack.ascii(right.replace("Hi", "\u00c3\u0028\u00ed\u00a0\u0080")));
      case 3 -> Attack.body("half a pair", path, utf8(right.replace("Hi", "\\ud800x\\u0000")));
      case 4 -> Attack.body("no gzip", path, utf8(right), "Content-Encoding: gzip");
      default -> {
        byte[] packed = gzip(new byte[random.nextInt(1 << 22)]);
        yield Attack.body("a bomb", path, packed, "Content-Encoding: gzip");
      }
    };
  }

  private static byte[] gzip(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (var packing = new GZIPOutputStream(out)) {
      packing.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** A member nested without end: open only, or closed again. */
  private byte[] deep(String right) {
    int depth = random.nextInt(100, 20_000);
    boolean arrays = random.nextBoolean();
    String open = (arrays ? "[" : "{\"a\":").repeat(depth);
    String close = random.nextBoolean() ? "" : "0" + (arrays ? "]" : "}").repeat(depth);
    String member =
        List.of("metadata", "messages", "tools", "response_format", "prompt", "input", "x")
            .get(random.nextInt(7));
    return utf8("{\"" + member + "\":" + open + close + "," + right.substring(1));
  }

  private byte[] largeNumbers(String right) {
    String number =
        switch (random.nextInt(4)) {
          case 0 -> "1e999999999";
          case 1 -> "-" + "9".repeat(random.nextInt(20, 3000));
          case 2 -> "0." + "1".repeat(random.nextInt(20, 3000));
          default -> Long.toString(random.nextLong());
        };
    return utf8(right.replaceAll(":[0-9]+", ":" + number));
  }

  private Attack oversized(String path) {
    return switch (random.nextInt(3)) {
      case 0 ->
          new Attack(
              "more than is allowed, announced",
              Attack.ascii(
                  "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n{"),
              false,
              true);
      case 1 -> {
        String chunk = "1000\r\n" + "x".repeat(0x1000) + "\r\n";
        yield new Attack(
            "more than is allowed, in chunks",
            Attack.ascii(
                "POST "
                    + path
                    + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + chunk.repeat(20)),
            false,
            true);
      }
      default ->
          Attack.http(
              "large headers",
              "GET /v1/models HTTP/1.1\r\nHost: x\r\nx-a: "
                  + "y".repeat(random.nextInt(9_000, 60_000))
                  + "\r\n\r\n");
    };
  }

  /** Some values in a right body become values of another kind. */
  private byte[] otherTypes(String right) {
    JsonNode body = Client.json(right);
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      replaceOne(body);
    }
    return utf8(body.toString());
  }

  private void replaceOne(JsonNode root) {
    JsonNode at = root;
    while (true) {
      boolean object = at.isObject();
      var places = new ArrayList<Object>();
      at.fieldNames().forEachRemaining(places::add);
      for (int i = 0; !object && i < at.size(); i++) {
        places.add(i);
      }
      places.remove("model");
      if (places.isEmpty()) {
        return;
      }
      Object place = places.get(random.nextInt(places.size()));
      JsonNode below = object ? at.get((String) place) : at.get((Integer) place);
      if (below.isContainerNode() && !below.isEmpty() && random.nextInt(3) > 0) {
        at = below;
      } else {
        if (object) {
          ((ObjectNode) at).set((String) place, odd());
        } else {
          ((ArrayNode) at).set((Integer) place, odd());
        }
        return;
      }
    }
  }

  private JsonNode odd() {
    String[] values = {
      "null",
      "true",
      "\"\"",
      "\"x\"",
      "-1",
      "0",
      "3",
      "1.5",
      "1e300",
      "[]",
      "{}",
      "[null]",
      "[[1]]",
      "{\"type\":\"x\"}",
      "{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{\"pattern\":\"((a*)*)*\"}}}",
      "\"\\u0000\"",
      "[\"x\",2,{}]",
      "{\"\":{\"\":[]}}",
      "9223372036854775807",
    };
    return Client.json(values[random.nextInt(values.length)]);
  }
}
