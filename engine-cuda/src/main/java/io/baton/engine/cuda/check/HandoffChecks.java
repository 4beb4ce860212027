package io.baton.engine.cuda.check;

import io.baton.bridge.TokenRequest.Handoff;
import io.baton.engine.EngineSettings;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.Backend.LayerListener;
import io.baton.engine.backend.StepBatch;
import io.baton.engine.cuda.backend.CudaBackend;
import io.baton.engine.cuda.backend.RandomModel;
import io.baton.engine.cuda.bench.Shapes;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.handoff.DataPlane;
import io.baton.engine.handoff.HandoffPort.FirstToken;
import io.baton.engine.handoff.HandoffPort.ReceiveJob;
import io.baton.engine.handoff.HandoffPort.ReceiveListener;
import io.baton.engine.handoff.HandoffPort.SendJob;
import io.baton.engine.handoff.HandoffPort.SendListener;
import io.baton.engine.handoff.HandoffPort.Sending;
import io.baton.engine.model.ModelException;
import io.baton.engine.sampling.Choice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * What it takes to hand the KV of a prompt over to another process on the card, layer by layer
 * while the prompt is computed: as bytes over loopback TCP, or read in place.
 */
final class HandoffChecks implements CheckSuite {
  private static final int PROMPT = 2048;
  private static final int BLOCK = 16;
  private static final int BLOCKS = PROMPT / BLOCK;
  private static final int ROUNDS = 5;
  private static final long PROMPT_KEY = 7;
  private static final long PATIENCE_SECONDS = 30;
  private static final String ARRIVED = "arrived ";

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "handoff.sent",
            "KV of 2,048 tokens, shape of Qwen3-8B, goes to another process as bytes",
            c -> time(c, false)),
        new GpuCheck(
            "handoff.shared", "the same, read in place by the other process", c -> time(c, true)));
  }

  private static void time(CheckContext c, boolean shared) throws Exception {
    try (CudaBackend prefill = open(c.device(), c, shared);
        DataPlane plane =
            DataPlane.listening(EngineSettings.DataPlane.DEFAULT, prefill, Runnable::run)) {
      c.require(shared == prefill.sharedKv().length > 0, "the KV has no name for others");
      Process other =
          ChildJvm.of(DecodeSide.class, List.of(c.api().binding(), "" + plane.port())).start();
      try (var output = other.inputReader(StandardCharsets.UTF_8)) {
        double alone = Double.MAX_VALUE;
        double handedOver = Double.MAX_VALUE;
        for (int round = 1; round <= ROUNDS; round++) {
          handedOver = Math.min(handedOver, handOver(prefill, plane, round));
          alone = Math.min(alone, seconds(() -> prefill.execute(prompt(), layer -> {})));
        }
        String line = output.readLine();
        while (line != null && !line.startsWith(ARRIVED)) {
          line = output.readLine();
        }
        c.require((ARRIVED + sum(prefill)).equals(line), "other KV arrived: %s", line);
        c.figure("prompt alone", 1e3 * alone, "ms");
        c.figure("until the other side has all", 1e3 * handedOver, "ms");
        c.figure("added", 100 * (handedOver - alone) / alone, "% of the prompt's time");
        c.figure("bytes", BLOCKS * prefill.layout().blockBytes() / 1e6, "MB");
      } finally {
        other.destroy();
      }
    }
  }

  private static CudaBackend open(CudaDevice device, CheckContext c, boolean shared)
      throws ModelException {
    CudaDevice own = CudaDevice.open(c.api(), device.ordinal(), CudaDevice.Waiting.BLOCKING);
    var options =
        new RandomModel.Options(PROMPT + 1, 1, PROMPT + BLOCK, BLOCKS + 1, true, false, shared);
    return RandomModel.open(own, c.compiler(), Shapes.QWEN3_8B, ElementType.BF16, options);
  }

  /** Not side by side: blocks have to be gathered. */
  private static int[] table() {
    var table = new int[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
      table[i] = (i * 37) % BLOCKS;
    }
    return table;
  }

  private static StepBatch prompt() {
    var batch = new StepBatch();
    batch.addSequence(table(), PROMPT);
    for (int i = 0; i < PROMPT; i++) {
      batch.addRow(i % 1000, i);
    }
    batch.wantLogits();
    return batch;
  }

  private interface Work {
    void run() throws Exception;
  }

  private static double seconds(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static Handoff room(long number, int port) {
    return new Handoff(number, "127.0.0.1", port, new byte[] {1, 2, 3});
  }

  /** From the start of the prompt until the decode leg, which waits already, confirms. */
  private static double handOver(Backend prefill, DataPlane plane, long number) throws Exception {
    var joined = new CompletableFuture<Integer>();
    var sent = new CompletableFuture<Long>();
    var job = new SendJob(room(number, plane.port()), PROMPT_KEY, BLOCKS);
    Sending sending = plane.send(job, sender(joined, sent));
    joined.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return seconds(() -> {
      LayerListener layers = layer -> sending.ready(layer, 0, BLOCKS, table());
      prefill.execute(prompt(), layers);
      var choice = new Choice(prefill.argmax(0), Float.NaN, new int[0], new float[0]);
      sending.complete(new FirstToken(choice, 1, 0));
      sent.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    });
  }

  private static SendListener sender(
      CompletableFuture<Integer> joined, CompletableFuture<Long> sent) {
    return new SendListener() {
      @Override
      public void onJoined(int firstMissing) {
        joined.complete(firstMissing);
      }

      @Override
      public void onSent(long bytes, int blocks) {
        sent.complete(bytes);
      }

      @Override
      public void onSendFailed(String reason) {
        joined.completeExceptionally(new IOException(reason));
        sent.completeExceptionally(new IOException(reason));
      }
    };
  }

  /** Checksum of all KV of the prompt. */
  private static long sum(Backend backend) {
    var sum = new CRC32C();
    ByteBuffer layer = ByteBuffer.allocate(BLOCKS * backend.layout().layerBlockBytes());
    for (int i = 0; i < backend.layout().layers(); i++) {
      backend.exportBlocks(table(), 0, BLOCKS, i, layer.clear());
      sum.update(layer.flip());
    }
    return sum.getValue();
  }

  /** Receives the prompt again and again. */
  static final class DecodeSide {
    private DecodeSide() {}

    /** Arguments: the binding, the port of the prefill side. */
    public static void main(String[] arguments) throws Exception {
      CudaDevice device = ProcessChecks.open(arguments[0]);
      var context = new CheckContext(device, java.nio.file.Path.of("."));
      try (CudaBackend decode = HandoffChecks.open(device, context, false);
          DataPlane plane =
              DataPlane.connecting(EngineSettings.DataPlane.DEFAULT, decode, Runnable::run)) {
        for (int round = 1; round <= ROUNDS; round++) {
          var arrived = new CompletableFuture<Long>();
          Handoff room = room(round, Integer.parseInt(arguments[1]));
          plane.receive(new ReceiveJob(room, PROMPT_KEY, table(), 0), receiver(arrived));
          arrived.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        System.out.println(ARRIVED + sum(decode));
      }
    }

    private static ReceiveListener receiver(CompletableFuture<Long> arrived) {
      return new ReceiveListener() {
        @Override
        public void onJoined() {}

        @Override
        public void onReceived(FirstToken token, long bytes, int blocks) {
          arrived.complete(bytes);
        }

        @Override
        public void onReceiveFailed(String reason) {
          arrived.completeExceptionally(new IOException(reason));
        }
      };
    }
  }
}
