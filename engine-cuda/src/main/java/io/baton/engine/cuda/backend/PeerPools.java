package io.baton.engine.cuda.backend;

import io.baton.engine.backend.PeerKv;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaException;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.IpcHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * KV pools of other processes on this card, by CUDA IPC. A pool is open as long as a transfer reads
 * it and no longer: an open pool outlives the process that made it. Any thread.
 */
final class PeerPools {
  private static final Logger LOG = LoggerFactory.getLogger(PeerPools.class);
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int MOST_UNREACHABLE = 64;

  private final CudaDevice device;
  private final KvPool own;
  private final byte[] machine = machine();
  private final Map<ByteBuffer, Peer> open = new HashMap<>();

  /** Those that could not be opened are not tried again. */
  private final Map<ByteBuffer, Boolean> unreachable =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Boolean> eldest) {
          return size() > MOST_UNREACHABLE;
        }
      };

  private record Peer(IpcHandle.Opened memory, long layerBytes, int users) {}

  PeerPools(CudaDevice device, KvPool own) {
    this.device = device;
    this.own = own;
  }

  /** Names a pool for others: machine, handle, bytes of a layer; empty if it cannot be named. */
  static byte[] name(CudaDevice device, DeviceMemory pool, long layerBytes) {
    byte[] machine = machine();
    try {
      byte[] handle = IpcHandle.of(device, pool).toBytes();
      return ByteBuffer.allocate(Integer.BYTES + machine.length + handle.length + Long.BYTES)
          .putInt(machine.length)
          .put(machine)
          .put(handle)
          .putLong(layerBytes)
          .array();
    } catch (CudaException e) {
      LOG.info("KV is not shared with other processes: {}", e.getMessage());
      return new byte[0];
    }
  }

  private static byte[] machine() {
    try {
      return Files.readString(BOOT_ID).strip().getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      return new byte[0];
    }
  }

  synchronized Optional<PeerKv> open(byte[] named) {
    ByteBuffer key = ByteBuffer.wrap(named);
    if (unreachable.containsKey(key)) {
      return Optional.empty();
    }
    Peer known = open.get(key);
    if (known != null) {
      open.put(key, new Peer(known.memory(), known.layerBytes(), known.users() + 1));
      return Optional.of(new Use(key, known));
    }
    Optional<Peer> made = openNow(ByteBuffer.wrap(named));
    if (made.isEmpty()) {
      unreachable.put(key, true);
      return Optional.empty();
    }
    open.put(key, made.get());
    return Optional.of(new Use(key, made.get()));
  }

  private Optional<Peer> openNow(ByteBuffer named) {
    int length = named.remaining() < Integer.BYTES ? -1 : named.getInt();
    if (length < 0 || named.remaining() != length + IpcHandle.BYTES + Long.BYTES) {
      LOG.warn("shared KV: a name of {} bytes is not one of this version", named.capacity());
      return Optional.empty();
    }
    var theirMachine = new byte[length];
    named.get(theirMachine);
    if (length == 0 || !Arrays.equals(machine, theirMachine)) {
      return Optional.empty();
    }
    var handle = new byte[IpcHandle.BYTES];
    named.get(handle);
    device.makeCurrent();
    try {
      return Optional.of(new Peer(IpcHandle.of(handle).open(device), named.getLong(), 1));
    } catch (CudaException e) {
      LOG.info("KV of a process on this machine is sent, not shared: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private synchronized void close(ByteBuffer key) {
    Peer peer = open.get(key);
    if (peer == null) {
      return;
    }
    if (peer.users() > 1) {
      open.put(key, new Peer(peer.memory(), peer.layerBytes(), peer.users() - 1));
      return;
    }
    open.remove(key);
    device.makeCurrent();
    peer.memory().close();
  }

  /** One transfer's hold on a pool. */
  private final class Use implements PeerKv {
    private final ByteBuffer key;
    private final Peer peer;
    private boolean closed;

    Use(ByteBuffer key, Peer peer) {
      this.key = key;
      this.peer = peer;
    }

    @Override
    public void copy(int layer, int[] theirs, int[] ownTable, int from) {
      own.copyFrom(
          peer.memory().address() + layer * peer.layerBytes(), theirs, layer, ownTable, from);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        PeerPools.this.close(key);
      }
    }
  }
}
