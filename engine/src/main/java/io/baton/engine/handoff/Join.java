package io.baton.engine.handoff;

import io.baton.engine.backend.PeerKv;
import io.baton.engine.handoff.HandoffPort.FirstToken;
import io.baton.engine.handoff.HandoffPort.ReceiveJob;
import io.baton.engine.handoff.HandoffPort.ReceiveListener;
import io.baton.engine.handoff.HandoffPort.Receiving;
import io.baton.engine.handoff.Messages.Hello;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A decode leg's transfer: goes to the room, says what it lacks, writes what comes. */
final class Join implements Receiving {
  private final DataPlane plane;
  private final ReceiveJob job;
  private final ReceiveListener listener;
  private final Socket socket = new Socket();
  private volatile @Nullable Connection connection;
  private volatile @Nullable String aborted;
  private long receivedBytes;

  Join(DataPlane plane, ReceiveJob job, ReceiveListener listener) {
    this.plane = plane;
    this.job = job;
    this.listener = listener;
  }

  @Override
  public void abort(String reason) {
    aborted = reason;
    Connection open = connection;
    try {
      // Reading ends at once; the reason can still be written.
      if (open == null) {
        socket.close();
      } else {
        socket.shutdownInput();
        open.endSoon();
      }
    } catch (IOException e) {
      if (open != null) {
        open.close();
      }
    }
  }

  /** Runs the whole transfer, on a thread of its own. */
  void run() {
    FirstToken first = null;
    String failure = null;
    try {
      first = connectAndReceive();
    } catch (HandoffException e) {
      failure = String.valueOf(e.getMessage());
      tell(failure);
    } catch (IOException e) {
      Connection open = connection;
      failure = open == null ? "cannot reach " + peer() + ": " + e : open.explain(e, peer());
    } catch (RuntimeException e) {
      // Whatever it is: the leg must hear of its end.
      failure = "decode engine failed while it received: " + e;
      tell(failure);
    }
    String own = aborted;
    if (own != null && first == null) {
      failure = own;
      tell(own);
    }
    close();
    end(first, failure);
  }

  private void end(@Nullable FirstToken first, @Nullable String failure) {
    if (first != null) {
      int blocks = job.table().length - job.firstMissing();
      plane.post(() -> listener.onReceived(first, receivedBytes, blocks));
    } else {
      String reason = failure == null ? "handoff ended for no reason" : failure;
      plane.post(() -> listener.onReceiveFailed(reason));
    }
  }

  private String peer() {
    return "prefill engine at " + job.handoff().host() + ":" + job.handoff().port();
  }

  private FirstToken connectAndReceive() throws IOException, HandoffException {
    var address = new InetSocketAddress(job.handoff().host(), job.handoff().port());
    socket.connect(address, (int) plane.settings().joinTimeout().toMillis());
    var open = new Connection(socket);
    connection = open;
    plane.watch(open);
    try {
      return receive(open);
    } finally {
      plane.unwatch(open);
    }
  }

  private FirstToken receive(Connection from) throws IOException, HandoffException {
    var frame = new Frame(Messages.mostBytes(plane.layout(), blocksAtOnce()));
    from.expectWithin(
        plane.settings().joinTimeout().plus(plane.settings().idleTimeout()), "did not answer");
    hello().write(frame);
    from.write(frame);
    read(from, frame);
    if (frame.type() != FrameType.WELCOME) {
      throw unexpected(frame);
    }
    plane.post(listener::onJoined);
    try (PeerKv peer = openPeer(from, frame)) {
      return receive(from, frame, peer);
    }
  }

  /** Says how it takes blocks if it was asked; null: they are to be sent. */
  private @Nullable PeerKv openPeer(Connection to, Frame frame) throws IOException {
    if (frame.payloadLength() == 0) {
      return null;
    }
    var shared = new byte[frame.payloadLength()];
    frame.payload().get(shared);
    PeerKv peer = plane.backend().openPeer(shared).orElse(null);
    Messages.writeEmpty(frame, peer == null ? FrameType.UNSHARED : FrameType.SHARED);
    try {
      to.write(frame);
      return peer;
    } catch (IOException e) {
      if (peer != null) {
        peer.close();
      }
      throw e;
    }
  }

  private FirstToken receive(Connection from, Frame frame, @Nullable PeerKv peer)
      throws IOException, HandoffException {
    int missing = job.table().length - job.firstMissing();
    var received = new BitSet(missing * plane.layout().layers());
    while (true) {
      from.expectWithin(plane.settings().idleTimeout(), "sent nothing");
      read(from, frame);
      switch (frame.type()) {
        case PING -> {}
        case BLOCK -> takeBlocks(frame, received);
        case BLOCKS_AT -> copyBlocks(frame, received, peer);
        case FIRST_TOKEN -> {
          return takeFirstToken(from, frame, received);
        }
        default -> throw unexpected(frame);
      }
    }
  }

  private Hello hello() {
    return new Hello(
        job.handoff().room(),
        job.handoff().secret(),
        plane.layout().fingerprint(),
        job.promptKey(),
        job.table().length,
        job.firstMissing(),
        blocksAtOnce(),
        true);
  }

  private int blocksAtOnce() {
    int missing = job.table().length - job.firstMissing();
    return Math.clamp(missing, 1, Messages.blocksAtOnce(plane.layout()));
  }

  private void read(Connection from, Frame frame) throws IOException, HandoffException {
    from.read(frame);
    if (frame.type() == FrameType.ABORT) {
      throw new AbortedException(Messages.readReason(frame));
    }
  }

  /** One layer of some blocks, one after the other. */
  private void takeBlocks(Frame frame, BitSet received) throws HandoffException {
    int bytes = plane.layout().layerBlockBytes();
    int count = frame.payloadLength() % bytes == 0 ? frame.payloadLength() / bytes : 0;
    note(frame, count, received);
    plane
        .backend()
        .importBlocks(job.table(), frame.b(), frame.b() + count, frame.a(), frame.payload());
    receivedBytes += frame.payloadLength();
  }

  /** One layer of some blocks, from where they lie. */
  private void copyBlocks(Frame frame, BitSet received, @Nullable PeerKv peer)
      throws HandoffException {
    if (peer == null) {
      throw unexpected(frame);
    }
    int[] theirs = Messages.readNames(frame);
    note(frame, theirs.length, received);
    peer.copy(frame.a(), theirs, job.table(), frame.b());
    receivedBytes += (long) theirs.length * plane.layout().layerBlockBytes();
  }

  /** Notes a layer of so many blocks, if it was asked for and has not come. */
  private void note(Frame frame, int count, BitSet received) throws HandoffException {
    int layer = frame.a();
    int first = frame.b();
    int layers = plane.layout().layers();
    boolean expected =
        layer >= 0
            && layer < layers
            && first >= job.firstMissing()
            && count > 0
            && count <= job.table().length - first;
    if (!expected) {
      throw new HandoffException(
          "layer "
              + layer
              + " of block "
              + first
              + " with "
              + frame.payloadLength()
              + " bytes was not asked for");
    }
    for (int block = first; block < first + count; block++) {
      int place = (block - job.firstMissing()) * layers + layer;
      if (received.get(place)) {
        throw new HandoffException("layer " + layer + " of block " + block + " came twice");
      }
      received.set(place);
    }
  }

  private FirstToken takeFirstToken(Connection from, Frame frame, BitSet received)
      throws IOException, HandoffException {
    int expected = (job.table().length - job.firstMissing()) * plane.layout().layers();
    if (received.cardinality() != expected) {
      throw new HandoffException(
          received.cardinality() + " block layers came (expected: " + expected + ")");
    }
    FirstToken first = Messages.readFirstToken(frame);
    Messages.writeEmpty(frame, FrameType.DONE);
    from.write(frame);
    return first;
  }

  private static HandoffException unexpected(Frame frame) {
    return new HandoffException(frame.type() + " is not expected here");
  }

  /** Tells the other side why, if it still listens. */
  private void tell(String reason) {
    Connection open = connection;
    if (open == null) {
      return;
    }
    var frame = new Frame(Messages.MOST_BYTES);
    Messages.writeReason(frame, reason);
    try {
      open.endSoon();
      open.write(frame);
    } catch (IOException e) {
      // It is gone, so it needs no reason.
    }
  }

  private void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // Closing is all we wanted.
    }
  }

  /** The other side has ended it; there is nobody left to tell. */
  private static final class AbortedException extends IOException {
    AbortedException(String message) {
      super(message);
    }
  }
}
