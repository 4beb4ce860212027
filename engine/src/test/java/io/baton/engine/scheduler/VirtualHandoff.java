package io.baton.engine.scheduler;

import io.baton.engine.backend.Backend;
import io.baton.engine.handoff.HandoffPort;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Handoffs between schedulers in virtual time: everything is delayed, and some transfers die.
 * Blocks are read when they are delivered, as late as a real transfer may.
 */
final class VirtualHandoff {
  private static final long JOIN_TIMEOUT = 50_000_000;

  private final VirtualTime time;
  private final SplittableRandom random;
  private final double deathRate;
  private final Map<Long, Transfer> transfers = new HashMap<>();

  VirtualHandoff(VirtualTime time, SplittableRandom random, double deathRate) {
    this.time = time;
    this.random = random;
    this.deathRate = deathRate;
  }

  /** The handoff as a scheduler over this backend sees it. */
  HandoffPort portOf(Backend backend) {
    return new HandoffPort() {
      @Override
      public Sending send(SendJob job, SendListener listener) {
        Transfer transfer = transfer(job.handoff().room());
        if (transfer.ended) {
          time.after(delay(), () -> listener.onSendFailed("room is gone"));
          return transfer;
        }
        transfer.sender = new Sender(backend, job, listener);
        time.after(delay(), transfer::meet);
        time.after(JOIN_TIMEOUT, transfer::failUnlessMet);
        return transfer;
      }

      @Override
      public Receiving receive(ReceiveJob job, ReceiveListener listener) {
        Transfer transfer = transfer(job.handoff().room());
        if (transfer.ended) {
          time.after(delay(), () -> listener.onReceiveFailed("room is gone"));
          return transfer;
        }
        transfer.receiver = new Receiver(backend, job, listener);
        time.after(delay(), transfer::meet);
        time.after(JOIN_TIMEOUT, transfer::failUnlessMet);
        return transfer;
      }
    };
  }

  private Transfer transfer(long room) {
    return transfers.computeIfAbsent(room, key -> new Transfer());
  }

  private long delay() {
    return random.nextLong(3_000_000);
  }

  private record Sender(
      Backend backend, HandoffPort.SendJob job, HandoffPort.SendListener listener) {}

  private record Receiver(
      Backend backend, HandoffPort.ReceiveJob job, HandoffPort.ReceiveListener listener) {}

  private final class Transfer implements HandoffPort.Sending, HandoffPort.Receiving {
    private @Nullable Sender sender;
    private @Nullable Receiver receiver;
    private boolean met;
    private boolean ended;
    private int pending;
    private int blockLayers;
    private HandoffPort.@Nullable FirstToken first;

    void meet() {
      if (met || ended || sender == null || receiver == null) {
        return;
      }
      met = true;
      if (sender.job().promptKey() != receiver.job().promptKey()) {
        throw new IllegalStateException("legs of one room differ in their prompt");
      }
      sender.listener().onJoined(receiver.job().firstMissing());
      receiver.listener().onJoined();
      if (random.nextDouble() < deathRate) {
        time.after(random.nextLong(20_000_000), () -> fail("died"));
      }
    }

    void failUnlessMet() {
      if (!met) {
        fail("the other leg did not come");
      }
    }

    private void fail(String reason) {
      if (ended) {
        return;
      }
      ended = true;
      Sender from = sender;
      if (from != null) {
        time.after(delay(), () -> from.listener().onSendFailed(reason));
      }
      Receiver to = receiver;
      if (to != null) {
        time.after(delay(), () -> to.listener().onReceiveFailed(reason));
      }
    }

    @Override
    public void ready(int layer, int firstBlock, int endBlock, int[] table) {
      int[] blocks = Arrays.copyOfRange(table, firstBlock, endBlock);
      for (int i = 0; i < blocks.length; i++) {
        int from = blocks[i];
        int place = firstBlock + i;
        pending++;
        time.after(delay(), () -> deliver(layer, from, place));
      }
    }

    private void deliver(int layer, int from, int place) {
      pending--;
      if (ended || sender == null || receiver == null) {
        return;
      }
      Backend source = sender.backend();
      ByteBuffer bytes = ByteBuffer.allocate(source.layout().layerBlockBytes());
      source.exportBlock(from, layer, bytes);
      receiver.backend().importBlock(receiver.job().table()[place], layer, bytes.flip());
      blockLayers++;
      finishIfAllCame();
    }

    @Override
    public void complete(HandoffPort.FirstToken token) {
      first = token;
      time.after(delay(), this::finishIfAllCame);
    }

    private void finishIfAllCame() {
      if (ended || first == null || pending > 0 || sender == null || receiver == null) {
        return;
      }
      int missing = sender.job().blocks() - receiver.job().firstMissing();
      var layout = sender.backend().layout();
      if (blockLayers != missing * layout.layers()) {
        throw new IllegalStateException(
            blockLayers + " block layers came (expected: " + missing + " blocks)");
      }
      ended = true;
      long bytes = (long) blockLayers * layout.layerBlockBytes();
      receiver.listener().onReceived(first, bytes, missing);
      sender.listener().onSent(bytes, missing);
    }

    @Override
    public void abort(String reason) {
      fail(reason);
    }
  }
}
