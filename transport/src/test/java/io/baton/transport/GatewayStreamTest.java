package io.baton.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.proto.v1.Control;
import io.baton.proto.v1.ReplyChunk;
import io.baton.proto.v1.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GatewayStreamTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final List<Control> told = new ArrayList<>();
  private final GatewayStream stream =
      new GatewayStream(
          "r1",
          new WorkerAddress("default", "w1", 7),
          64,
          new ReplyListener() {
            @Override
            public void onChunk(ReplyChunk chunk) {}

            @Override
            public void onLost(Loss loss) {}
          },
          new GatewayStream.Controls() {
            @Override
            public void send(WorkerAddress worker, String requestId, Control.Builder word) {
              told.add(word.build());
            }

            @Override
            public void ended(String requestId) {}
          },
          new TransportCounters());

  private void chunks(int from, int to, long now) {
    for (int sequence = from; sequence < to; sequence++) {
      stream.onChunk(
          ReplyChunk.newBuilder()
              .setSequence(sequence)
              .setWorkerIncarnation(7)
              .setTokens(Tokens.newBuilder().addIds(sequence))
              .build(),
          now);
      stream.acknowledge(sequence);
    }
  }

  /** Else a worker whose window is full and a gateway that has acknowledged wait for each other. */
  @Test
  void anAcknowledgementThatMayBeLostIsSaidAgainWhenTheStreamIsSilent() {
    chunks(0, 40, 0);
    assertThat(told).hasSize(1);
    told.clear();

    stream.tick(SECOND / 2, SECOND);
    assertThat(told).isEmpty();

    stream.tick(SECOND, SECOND);
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().getAcknowledge().getSequence()).isEqualTo(39);
  }

  @Test
  void acknowledgementsAreSaidHalfAWindowAtATime() {
    chunks(0, 64, 0);

    assertThat(told).hasSize(2);
  }
}
