package io.baton.standalone.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A client that stops reading slows only itself, and costs a bounded amount of memory. */
class SlowClientTest {
  private static final int TOKENS = 100_000;

  @Test
  void oneClientThatStopsReadingSlowsOnlyItself() throws Exception {
    try (var fleet =
        TestFleet.aggregated("sim")
            .workerSet("builtin.sim.decode_base=0ms")
            .workerSet("builtin.sim.decode_per_request=0us")
            .withoutCheckpoint()
            .workerSet("builtin.max_context=200000")
            .workerSet("builtin.blocks=14000")
            .start()) {
      ObjectNode endless = Client.longChat("Count.", TOKENS);
      try (var stuck = new Socket(InetAddress.getLoopbackAddress(), fleet.port())) {
        stuck.setReceiveBufferSize(8 << 10);
        send(stuck, endless.toString());

        // The engine goes on: it never waits for a client.
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> fleet.metric("agg-1", "baton_worker_legs_finished_total") > 0);

        // Others are served as if nothing were.
        var other = fleet.client().stream(Client.longChat("Hello", 50));
        assertThat(other.finishReason()).isEqualTo("length");

        // Chunks for it are joined on the worker, not sent: few are under way.
        double sent = fleet.metric("agg-1", "baton_transport_chunks_sent_total");
        double joined = fleet.metric("agg-1", "baton_transport_chunks_joined_total");
        assertThat(joined)
            .as("sent %s joined %s %s", sent, joined, fleet.logs())
            .isGreaterThan(TOKENS / 2.0);
        assertThat(sent).isLessThan(TOKENS / 2.0);

        // When it reads again it gets all of it.
        stuck.setSoTimeout(30_000);
        String rest = readToDone(stuck.getInputStream());
        assertThat(rest).contains("\"finish_reason\":\"length\"");
      }
    }
  }

  private static void send(Socket socket, String body) throws Exception {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            + "content-length: "
            + bytes.length
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  private static String readToDone(InputStream in) throws Exception {
    byte[] buffer = new byte[64 << 10];
    var tail = new StringBuilder();
    while (tail.indexOf("[DONE]") < 0) {
      int read = in.read(buffer);
      assertThat(read).isPositive();
      tail.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
      tail.delete(0, Math.max(0, tail.length() - 4096));
    }
    return tail.toString();
  }
}
