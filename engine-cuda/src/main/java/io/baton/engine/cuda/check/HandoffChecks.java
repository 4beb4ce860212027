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
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What it takes to hand the KV of a prompt over: two backends on one card, layer by layer while the
 * prompt is computed, over the data plane and loopback TCP.
 */
final class HandoffChecks implements CheckSuite {
  private static final int PROMPT = 2048;
  private static final int BLOCK = 16;
  private static final int BLOCKS = PROMPT / BLOCK;
  private static final int ROUNDS = 5;
  private static final long PATIENCE_SECONDS = 30;

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "handoff.time",
            "KV of 2,048 tokens, shape of Qwen3-8B, arrives whole while it is computed",
            HandoffChecks::time));
  }

  private static void time(CheckContext c) throws Exception {
    try (CudaBackend prefill = open(c);
        CudaBackend decode = open(c);
        DataPlane from =
            DataPlane.listening(EngineSettings.DataPlane.DEFAULT, prefill, Runnable::run);
        DataPlane to =
            DataPlane.connecting(EngineSettings.DataPlane.DEFAULT, decode, Runnable::run)) {
      double alone = Double.MAX_VALUE;
      double handedOver = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        alone = Math.min(alone, seconds(() -> prefill.execute(prompt(), layer -> {})));
        handedOver = Math.min(handedOver, handOver(prefill, from, to, round + 1));
      }
      requireSame(c, prefill, decode);
      c.figure("prompt alone", 1e3 * alone, "ms");
      c.figure("until its KV has arrived", 1e3 * handedOver, "ms");
      c.figure("added", 100 * (handedOver - alone) / alone, "% of the prompt's time");
      c.figure("bytes", BLOCKS * prefill.layout().blockBytes() / 1e6, "MB");
    }
  }

  private static CudaBackend open(CheckContext c) throws ModelException {
    CudaDevice own = CudaDevice.open(c.api(), c.device().ordinal(), CudaDevice.Waiting.BLOCKING);
    var options = new RandomModel.Options(PROMPT + 1, 1, PROMPT + BLOCK, BLOCKS + 1, true, false);
    return RandomModel.open(own, c.compiler(), Shapes.QWEN3_8B, ElementType.BF16, options);
  }

  private static int[] table() {
    var table = new int[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
      // Not side by side: they have to be gathered.
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

  /** From the start of the prompt until everything has arrived; the decode leg waits already. */
  private static double handOver(Backend prefill, DataPlane from, DataPlane to, long room)
      throws Exception {
    var handoff = new Handoff(room, "127.0.0.1", from.port(), new byte[] {1, 2, 3});
    var joined = new CompletableFuture<Integer>();
    var arrived = new CompletableFuture<Long>();
    Sending sending = from.send(new SendJob(handoff, 7, BLOCKS), sender(joined, arrived));
    to.receive(new ReceiveJob(handoff, 7, table(), 0), receiver(arrived));
    joined.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return seconds(() -> {
      LayerListener layers = layer -> sending.ready(layer, 0, BLOCKS, table());
      prefill.execute(prompt(), layers);
      var choice = new Choice(prefill.argmax(0), Float.NaN, new int[0], new float[0]);
      sending.complete(new FirstToken(choice, 1, 0));
      arrived.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    });
  }

  private static SendListener sender(
      CompletableFuture<Integer> joined, CompletableFuture<Long> arrived) {
    return new SendListener() {
      @Override
      public void onJoined(int firstMissing) {
        joined.complete(firstMissing);
      }

      @Override
      public void onSent(long bytes, int blocks) {}

      @Override
      public void onSendFailed(String reason) {
        joined.completeExceptionally(new IOException(reason));
        arrived.completeExceptionally(new IOException(reason));
      }
    };
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

  private static void requireSame(CheckContext c, Backend prefill, Backend decode) {
    ByteBuffer sent = ByteBuffer.allocate(BLOCKS * prefill.layout().layerBlockBytes());
    ByteBuffer found = ByteBuffer.allocate(sent.capacity());
    for (int layer = 0; layer < prefill.layout().layers(); layer++) {
      prefill.exportBlocks(table(), 0, BLOCKS, layer, sent.clear());
      decode.exportBlocks(table(), 0, BLOCKS, layer, found.clear());
      c.require(
          Arrays.equals(sent.array(), found.array()), "layer %d did not arrive as it was", layer);
    }
  }
}
