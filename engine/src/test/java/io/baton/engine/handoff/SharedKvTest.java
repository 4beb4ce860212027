package io.baton.engine.handoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.bridge.TokenRequest.Handoff;
import io.baton.engine.EngineSettings;
import io.baton.engine.TestModels;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.PeerKv;
import io.baton.engine.backend.StepBatch;
import io.baton.engine.backend.cpu.CpuBackend;
import io.baton.engine.handoff.HandoffPort.FirstToken;
import io.baton.engine.handoff.HandoffPort.ReceiveJob;
import io.baton.engine.handoff.HandoffPort.ReceiveListener;
import io.baton.engine.handoff.HandoffPort.SendJob;
import io.baton.engine.handoff.HandoffPort.SendListener;
import io.baton.engine.handoff.HandoffPort.Sending;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.sampling.Choice;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where KV can be read in place, its blocks are named instead of sent; else they are sent. */
class SharedKvTest {
  private static final int BLOCKS = 24;
  private static final int[] PREFILL_TABLE = {5, 2, 9};
  private static final int[] DECODE_TABLE = {1, 7, 3};
  private static final byte[] NAME = {'k', 'v'};

  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicInteger copied = new AtomicInteger();
  private boolean reachable = true;
  private CpuBackend prefill;
  private CpuBackend decode;
  private DataPlane from;
  private DataPlane to;

  @BeforeEach
  void open() throws Exception {
    Checkpoint checkpoint = Checkpoint.read(TestModels.dir("parity/qwen3"));
    prefill = new CpuBackend(checkpoint, 16, BLOCKS, 0, 128, 1, false);
    decode = new CpuBackend(checkpoint, 16, BLOCKS, 0, 128, 1, false);
    var batch = new StepBatch();
    batch.addSequence(PREFILL_TABLE, 40);
    for (int i = 0; i < 40; i++) {
      batch.addRow(3 + i, i);
    }
    prefill.execute(batch, layer -> {});
    from = DataPlane.listening(EngineSettings.DataPlane.DEFAULT, sharing(prefill), Runnable::run);
    to = DataPlane.connecting(EngineSettings.DataPlane.DEFAULT, sharing(decode), Runnable::run);
  }

  @AfterEach
  void close() {
    from.close();
    to.close();
    prefill.close();
    decode.close();
  }

  /** The backend, as if it could share its KV; copies go by way of this process's memory. */
  private Backend sharing(CpuBackend real) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> answer(real, method, arguments));
  }

  private Object answer(CpuBackend real, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "sharedKv" -> {
        return NAME;
      }
      case "openPeer" -> {
        assertThat((byte[]) arguments[0]).isEqualTo(NAME);
        return reachable ? Optional.of(new Peer()) : Optional.empty();
      }
      default -> {
        try {
          return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
          throw e.getCause();
        }
      }
    }
  }

  private final class Peer implements PeerKv {
    Peer() {
      opened.incrementAndGet();
    }

    @Override
    public void copy(int layer, int[] theirs, int[] own, int first) {
      ByteBuffer one = ByteBuffer.allocate(prefill.layout().layerBlockBytes());
      for (int i = 0; i < theirs.length; i++) {
        prefill.exportBlock(theirs[i], layer, one.clear());
        decode.importBlock(own[first + i], layer, one.flip());
        copied.incrementAndGet();
      }
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  private final CompletableFuture<Integer> joined = new CompletableFuture<>();
  private final CompletableFuture<Long> sent = new CompletableFuture<>();
  private final CompletableFuture<Long> received = new CompletableFuture<>();

  private Sending start(int firstMissing) throws Exception {
    var room = new Handoff(1, "127.0.0.1", from.port(), new byte[] {9});
    Sending sending =
        from.send(
            new SendJob(room, 5, 3),
            new SendListener() {
              @Override
              public void onJoined(int missing) {
                joined.complete(missing);
              }

              @Override
              public void onSent(long bytes, int blocks) {
                sent.complete(bytes);
              }

              @Override
              public void onSendFailed(String reason) {
                sent.completeExceptionally(new IOException(reason));
              }
            });
    to.receive(
        new ReceiveJob(room, 5, DECODE_TABLE, firstMissing),
        new ReceiveListener() {
          @Override
          public void onJoined() {}

          @Override
          public void onReceived(FirstToken token, long bytes, int blocks) {
            received.complete(bytes);
          }

          @Override
          public void onReceiveFailed(String reason) {
            received.completeExceptionally(new IOException(reason));
          }
        });
    assertThat(joined.get(10, TimeUnit.SECONDS)).isEqualTo(firstMissing);
    return sending;
  }

  private void handOver(int firstMissing) throws Exception {
    Sending sending = start(firstMissing);
    for (int layer = 0; layer < prefill.layout().layers(); layer++) {
      sending.ready(layer, firstMissing, 3, PREFILL_TABLE);
    }
    var choice = new Choice(4, Float.NaN, new int[0], new float[0]);
    sending.complete(new FirstToken(choice, 1, 0));
    long bytes = (3L - firstMissing) * prefill.layout().blockBytes();
    assertThat(received.get(10, TimeUnit.SECONDS)).isEqualTo(bytes);
    assertThat(sent.get(10, TimeUnit.SECONDS)).isEqualTo(bytes);
    for (int block = firstMissing; block < 3; block++) {
      for (int layer = 0; layer < prefill.layout().layers(); layer++) {
        assertThat(kv(decode, DECODE_TABLE[block], layer))
            .isEqualTo(kv(prefill, PREFILL_TABLE[block], layer));
      }
    }
  }

  private static byte[] kv(Backend backend, int block, int layer) {
    ByteBuffer bytes = ByteBuffer.allocate(backend.layout().layerBlockBytes());
    backend.exportBlock(block, layer, bytes);
    return bytes.array();
  }

  @Test
  void namedBlocksAreReadInPlaceAndThePeerIsLetGo() throws Exception {
    handOver(1);
    assertThat(copied).hasValue(2 * prefill.layout().layers());
    assertThat(opened).hasValue(1);
    assertThat(closed).hasValue(1);
  }

  @Test
  void whatCannotBeReachedIsSent() throws Exception {
    reachable = false;
    handOver(0);
    assertThat(copied).hasValue(0);
  }

  @Test
  void aPrefillLegThatBreaksOffIsHeardAndItsKvIsLetGo() throws Exception {
    Sending sending = start(0);
    sending.ready(0, 0, 3, PREFILL_TABLE);
    sending.abort("changed its mind");
    assertThatThrownBy(() -> received.get(10, TimeUnit.SECONDS))
        .hasMessageContaining("changed its mind");
    assertThat(closed).hasValue(opened.get());
  }
}
