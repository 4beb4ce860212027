package io.baton.engine.handoff;

import io.baton.engine.handoff.HandoffPort.FirstToken;
import io.baton.engine.handoff.HandoffPort.SendJob;
import io.baton.engine.handoff.HandoffPort.SendListener;
import io.baton.engine.handoff.HandoffPort.Sending;
import io.baton.engine.handoff.Messages.Hello;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A prefill leg's transfer: waits for its decode leg, then sends blocks as they become ready. What
 * is ready is queued as block numbers, not as bytes, so a slow decode leg holds up nobody but
 * itself. Queue length is bounded by layers times steps of one prompt.
 */
final class Room implements Sending {
  private enum State {
    OPEN,
    JOINED,
    ENDED
  }

  /** One layer of some blocks; or the end, with a first token or a reason. */
  private record Item(
      int layer, int firstBlock, int[] blocks, @Nullable FirstToken last, @Nullable String abort) {}

  private final DataPlane plane;
  private final SendJob job;
  private final SendListener listener;
  private final long openedNanos = System.nanoTime();
  private final LinkedBlockingQueue<Item> queue = new LinkedBlockingQueue<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
  private volatile @Nullable Connection connection;
  private volatile @Nullable String peerEnd;
  private volatile boolean peerDone;

  /** Whether the decode leg reads KV in place; known once it has answered the welcome. */
  private final CompletableFuture<Boolean> shared = new CompletableFuture<>();

  private int firstMissing;
  private int blocksAtOnce;
  private long sentBytes;

  Room(DataPlane plane, SendJob job, SendListener listener) {
    this.plane = plane;
    this.job = job;
    this.listener = listener;
  }

  long id() {
    return job.handoff().room();
  }

  @Override
  public void ready(int layer, int firstBlock, int endBlock, int[] table) {
    int[] blocks = Arrays.copyOfRange(table, firstBlock, endBlock);
    queue.add(new Item(layer, firstBlock, blocks, null, null));
  }

  @Override
  public void complete(FirstToken token) {
    queue.add(new Item(0, 0, new int[0], token, null));
  }

  @Override
  public void abort(String reason) {
    if (failUnjoined(reason)) {
      return;
    }
    queue.add(new Item(0, 0, new int[0], null, reason));
    Connection open = connection;
    if (open != null) {
      open.endSoon();
    }
  }

  /** Ends it if its decode leg has not come. */
  boolean failUnjoined(String reason) {
    if (!state.compareAndSet(State.OPEN, State.ENDED)) {
      return false;
    }
    plane.forget(this);
    plane.post(() -> listener.onSendFailed(reason));
    return true;
  }

  void checkDeadline(long nowNanos) {
    long limit = plane.settings().joinTimeout().toNanos();
    if (nowNanos - openedNanos > limit) {
      failUnjoined(
          "decode leg did not come to room 0x"
              + Long.toHexString(id())
              + " within "
              + plane.settings().joinTimeout().toMillis()
              + " ms");
    }
  }

  /** Serves the decode leg that has come; returns when the transfer is over. */
  void serve(Connection joined, Hello hello) {
    blocksAtOnce = Math.clamp(hello.blocksAtOnce(), 1, Messages.blocksAtOnce(plane.layout()));
    var frame = new Frame(Messages.mostBytes(plane.layout(), Math.min(blocksAtOnce, job.blocks())));
    if (!state.compareAndSet(State.OPEN, State.JOINED)) {
      plane.refuse(joined, frame, "room is taken");
      return;
    }
    plane.forget(this);
    connection = joined;
    String problem = problem(hello);
    if (problem != null) {
      plane.refuse(joined, frame, problem);
      end(problem);
      return;
    }
    String failure = transfer(joined, frame, hello);
    joined.close();
    end(failure);
  }

  private void end(@Nullable String failure) {
    state.set(State.ENDED);
    if (failure == null) {
      int blocks = job.blocks() - firstMissing;
      plane.post(() -> listener.onSent(sentBytes, blocks));
    } else {
      plane.post(() -> listener.onSendFailed(failure));
    }
  }

  private @Nullable String problem(Hello hello) {
    if (!MessageDigest.isEqual(hello.secret(), job.handoff().secret())) {
      return "secret of room 0x" + Long.toHexString(id()) + " is wrong";
    }
    if (!hello.layout().equals(plane.layout().fingerprint())) {
      return "KV layout: "
          + hello.layout()
          + " (expected: "
          + plane.layout().fingerprint()
          + ", as the prefill engine has it)";
    }
    if (hello.promptKey() != job.promptKey() || hello.blocks() != job.blocks()) {
      return "prompt, salt or LoRA name differs between the two legs";
    }
    if (hello.firstMissing() < 0 || hello.firstMissing() > job.blocks()) {
      return "first missing block: "
          + hello.firstMissing()
          + " (expected: 0 to "
          + job.blocks()
          + ")";
    }
    return null;
  }

  /** Sends everything; returns what went wrong, or null. */
  private @Nullable String transfer(Connection to, Frame frame, Hello hello) {
    int missing = hello.firstMissing();
    firstMissing = missing;
    byte[] offered = hello.asksForShared() ? plane.backend().sharedKv() : new byte[0];
    if (offered.length == 0) {
      shared.complete(false);
    }
    try {
      Messages.writeWelcome(frame, offered);
      to.write(frame);
      Thread reader = Thread.ofVirtual().name("handoff-reader").start(() -> listen(to));
      plane.post(() -> listener.onJoined(missing));
      String aborted = sendItems(to, frame);
      if (aborted != null) {
        Messages.writeReason(frame, aborted);
        to.write(frame);
        return aborted;
      }
      reader.join();
    } catch (IOException e) {
      String reason = peerEnd;
      return reason != null ? reason : to.explain(e, "decode leg");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "data plane is closing";
    } catch (RuntimeException e) {
      // Whatever it is: the leg must hear of its end.
      return "prefill engine failed while it sent: " + e;
    }
    return peerDone ? null : Objects.requireNonNullElse(peerEnd, "decode leg did not confirm");
  }

  /** Sends until the first token is sent; returns the reason if it was aborted. */
  private @Nullable String sendItems(Connection to, Frame frame)
      throws IOException, InterruptedException {
    while (true) {
      Item item = queue.poll(plane.pingNanos(), TimeUnit.NANOSECONDS);
      String end = peerEnd;
      if (end != null) {
        throw new IOException(end);
      }
      to.expectWithin(plane.settings().idleTimeout(), "did not take any data");
      if (item == null) {
        Messages.writeEmpty(frame, FrameType.PING);
        to.write(frame);
      } else if (item.abort() != null) {
        return item.abort();
      } else if (item.last() != null) {
        Messages.writeFirstToken(frame, item.last());
        to.write(frame);
        to.expectWithin(plane.settings().idleTimeout(), "did not confirm");
        return null;
      } else if (shared.join()) {
        nameBlocks(to, frame, item);
      } else {
        sendBlocks(to, frame, item);
      }
      to.expectNothing();
    }
  }

  private void sendBlocks(Connection to, Frame frame, Item item) throws IOException {
    int[] blocks = item.blocks();
    for (int from = 0; from < blocks.length; from += blocksAtOnce) {
      int end = Math.min(blocks.length, from + blocksAtOnce);
      plane.backend().exportBlocks(blocks, from, end, item.layer(), frame.payloadToFill());
      frame.seal(FrameType.BLOCK, item.layer(), item.firstBlock() + from);
      to.expectWithin(plane.settings().idleTimeout(), "did not take any data");
      to.write(frame);
      sentBytes += frame.payloadLength();
    }
  }

  /** The other side takes them from where they lie, and confirms at the end as ever. */
  private void nameBlocks(Connection to, Frame frame, Item item) throws IOException {
    int[] blocks = item.blocks();
    plane.backend().awaitLayer(item.layer());
    for (int from = 0; from < blocks.length; from += Messages.MOST_NAMED) {
      int end = Math.min(blocks.length, from + Messages.MOST_NAMED);
      Messages.writeNames(frame, item.layer(), item.firstBlock(), blocks, from, end);
      to.write(frame);
    }
    sentBytes += (long) blocks.length * plane.layout().layerBlockBytes();
  }

  /** The decode leg says how it takes blocks, if asked; then that it has all, or why not. */
  private void listen(Connection from) {
    var frame = new Frame(Messages.MOST_BYTES);
    try {
      from.read(frame);
      if (frame.type() == FrameType.SHARED || frame.type() == FrameType.UNSHARED) {
        shared.complete(frame.type() == FrameType.SHARED);
        from.read(frame);
      }
      if (frame.type() == FrameType.DONE) {
        peerDone = true;
        return;
      }
      peerEnd =
          frame.type() == FrameType.ABORT
              ? Messages.readReason(frame)
              : "decode leg sent " + frame.type() + " (expected: DONE or ABORT)";
    } catch (HandoffException e) {
      peerEnd = e.getMessage();
    } catch (IOException e) {
      peerEnd = from.explain(e, "decode leg");
    }
    from.close();
    shared.complete(false);
    queue.add(new Item(0, 0, new int[0], null, "decode leg is gone"));
  }
}
