package io.baton.engine.cuda.backend;

import io.baton.engine.backend.PeerKv;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaException;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.IpcHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * KV pools of other processes on this card, by CUDA IPC. Opening a large pool takes a tenth of a
 * second, so it stays open; but an open pool outlives the process that made it and would keep its
 * memory from the one that is started instead, so it is closed when that process ends. Any thread.
 */
final class PeerPools implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerPools.class);

  /** Open or known not to be reachable; beyond that, those without readers go, oldest first. */
  private static final int MOST = 64;

  private final CudaDevice device;
  private final KvPool own;
  private final String here = PoolName.here();
  private final Map<ByteBuffer, Peer> peers = new LinkedHashMap<>();
  private boolean closed;

  /** A pool; without memory if it cannot be reached. */
  private static final class Peer {
    private final IpcHandle.@Nullable Opened memory;
    private final long layerBytes;
    private int readers;
    private boolean ended;

    Peer(IpcHandle.@Nullable Opened memory, long layerBytes) {
      this.memory = memory;
      this.layerBytes = layerBytes;
    }
  }

  PeerPools(CudaDevice device, KvPool own) {
    this.device = device;
    this.own = own;
  }

  /** Names a pool of this process for others; empty if it cannot be named. */
  static byte[] name(CudaDevice device, DeviceMemory pool, long layerBytes) {
    String place = PoolName.here();
    if (place.isEmpty()) {
      return new byte[0];
    }
    try {
      IpcHandle handle = IpcHandle.of(device, pool);
      return new PoolName(place, ProcessHandle.current().pid(), handle, layerBytes).toBytes();
    } catch (CudaException e) {
      LOG.info("KV is not shared with other processes: {}", e.getMessage());
      return new byte[0];
    }
  }

  /** A reader's hold on a pool; empty if it cannot be reached. */
  synchronized Optional<PeerKv> open(byte[] name) {
    ByteBuffer key = ByteBuffer.wrap(name);
    Peer peer = peers.get(key);
    if (peer == null && !closed) {
      makeRoom();
      peer = PoolName.parse(name).map(named -> openNow(key, named)).orElse(new Peer(null, 0));
      peers.put(key, peer);
    }
    if (peer == null || peer.memory == null || peer.ended) {
      return Optional.empty();
    }
    peer.readers++;
    return Optional.of(new Reader(key, peer, peer.memory));
  }

  private Peer openNow(ByteBuffer key, PoolName named) {
    // A process cannot open memory of its own.
    Optional<ProcessHandle> process =
        ProcessHandle.of(named.pid()).filter(p -> !p.equals(ProcessHandle.current()));
    if (here.isEmpty() || !here.equals(named.place()) || process.isEmpty()) {
      return new Peer(null, 0);
    }
    device.makeCurrent();
    try {
      var peer = new Peer(named.handle().open(device), named.layerBytes());
      CompletableFuture<Void> _ = process.get().onExit().thenRun(() -> ended(key));
      return peer;
    } catch (CudaException e) {
      LOG.info("KV of process {} is sent, not shared: {}", named.pid(), e.getMessage());
      return new Peer(null, 0);
    }
  }

  private void makeRoom() {
    for (var entry : new ArrayList<>(peers.entrySet())) {
      if (peers.size() >= MOST && entry.getValue().readers == 0) {
        peers.remove(entry.getKey());
        closeMemory(entry.getValue());
      }
    }
  }

  private synchronized void ended(ByteBuffer key) {
    Peer peer = peers.get(key);
    if (peer != null) {
      peer.ended = true;
      closeIfDone(key, peer);
    }
  }

  private synchronized void leave(ByteBuffer key, Peer peer) {
    peer.readers--;
    closeIfDone(key, peer);
  }

  private void closeIfDone(ByteBuffer key, Peer peer) {
    if ((peer.ended || closed) && peer.readers == 0 && peers.remove(key, peer)) {
      closeMemory(peer);
    }
  }

  private void closeMemory(Peer peer) {
    if (peer.memory != null) {
      device.makeCurrent();
      peer.memory.close();
    }
  }

  /** Closes what nobody reads; the device must still be there. */
  @Override
  public synchronized void close() {
    closed = true;
    new ArrayList<>(peers.entrySet())
        .forEach(entry -> closeIfDone(entry.getKey(), entry.getValue()));
  }

  /** One transfer's hold on a pool. */
  private final class Reader implements PeerKv {
    private final ByteBuffer key;
    private final Peer peer;
    private final long address;
    private boolean left;

    Reader(ByteBuffer key, Peer peer, IpcHandle.Opened memory) {
      this.key = key;
      this.peer = peer;
      this.address = memory.address();
    }

    @Override
    public void copy(int layer, int[] theirs, int[] ownTable, int from) {
      own.copyFrom(address + layer * peer.layerBytes, theirs, layer, ownTable, from);
    }

    @Override
    public void close() {
      if (!left) {
        left = true;
        leave(key, peer);
      }
    }
  }
}
