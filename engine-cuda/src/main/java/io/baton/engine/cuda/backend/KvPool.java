package io.baton.engine.cuda.backend;

import io.baton.engine.backend.KvLayout;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaEvent;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.PinnedMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * KV blocks on the device, {@code [layer][block][K, V][kv head][token][dim]}, with one more block
 * that nobody reads; and the second tier in page-locked host memory. Blocks leave and come by copy
 * engines on streams of their own, so that steps go on meanwhile.
 */
final class KvPool implements AutoCloseable {
  private static final int TRANSFERS_AT_ONCE = 4;

  private final CudaDevice device;
  private final ModelShape shape;
  private final int blocks;
  private final DeviceMemory memory;
  private final @Nullable PinnedMemory host;
  private final CudaStream compute;
  private final BlockingQueue<Transfer> transfers = new ArrayBlockingQueue<>(TRANSFERS_AT_ONCE);
  private final List<Transfer> all = new ArrayList<>();

  /** By layer: when what steps have written there is whole. */
  private final CudaEvent[] written;

  /** A stream and a staging buffer; used by one thread at a time. */
  private record Transfer(CudaStream stream, PinnedMemory staging) {}

  /**
   * Takes the memory.
   *
   * @param compute the stream that steps run on
   */
  KvPool(CudaDevice device, ModelShape shape, int blocks, int hostBlocks, CudaStream compute) {
    this.device = device;
    this.shape = shape;
    this.blocks = blocks;
    this.compute = compute;
    memory =
        device.allocate(
            (blocks + 1L) * shape.blockBytes(), blocks + " KV blocks (the fraction is too large?)");
    host = hostBlocks == 0 ? null : device.pin(hostBlocks * shape.blockBytes(), "the host tier");
    // What nobody wrote is never read, but for places of the last block beside written ones.
    compute.fillBytes(memory.address(), 0, memory.bytes());
    written = new CudaEvent[shape.config().layers()];
    for (int layer = 0; layer < written.length; layer++) {
      written[layer] = device.newBlockingEvent();
    }
    for (int i = 0; i < TRANSFERS_AT_ONCE; i++) {
      var transfer =
          new Transfer(device.newStream(), device.pin(shape.layerBlockBytes(), "KV on its way"));
      transfers.add(transfer);
      all.add(transfer);
    }
  }

  /** Number of the block that fills up batches. */
  int scratchBlock() {
    return blocks;
  }

  /** Address of a layer's blocks. */
  long layer(int layer) {
    return memory.address() + (long) layer * (blocks + 1L) * shape.layerBlockBytes();
  }

  long bytes() {
    return memory.bytes();
  }

  KvLayout layout(String model) {
    return new KvLayout(
        shape.config().layers(), shape.layerBlockBytes(), "cuda/" + model + shape.form());
  }

  /** Notes that all KV of a layer is in the stream of steps; step thread. */
  void written(int layer) {
    compute.record(written[layer]);
  }

  /** To the second tier, in the order of steps; step thread. */
  void copyToHost(int block, int hostBlock) {
    for (int layer = 0; layer < written.length; layer++) {
      compute.copyOut(
          hostAddress(hostBlock, layer), address(block, layer), shape.layerBlockBytes());
    }
  }

  /** From the second tier, in the order of steps; step thread. */
  void copyFromHost(int hostBlock, int block) {
    for (int layer = 0; layer < written.length; layer++) {
      compute.copyIn(address(block, layer), hostAddress(hostBlock, layer), shape.layerBlockBytes());
    }
  }

  /** Waits for the layer of the step under way, and for the copy; any thread. */
  void export(int block, int layer, ByteBuffer into) {
    Transfer transfer = take();
    try {
      transfer.stream.await(written[layer]);
      transfer.stream.copyOut(
          transfer.staging.address(), address(block, layer), shape.layerBlockBytes());
      transfer.stream.synchronize();
      MemorySegment.ofBuffer(into)
          .asSlice(0, shape.layerBlockBytes())
          .copyFrom(transfer.staging.segment());
      into.position(into.position() + shape.layerBlockBytes());
    } finally {
      transfers.add(transfer);
    }
  }

  /** Waits for the copy; any thread. */
  void importFrom(int block, int layer, ByteBuffer from) {
    Transfer transfer = take();
    try {
      transfer
          .staging
          .segment()
          .copyFrom(MemorySegment.ofBuffer(from).asSlice(0, shape.layerBlockBytes()));
      from.position(from.position() + shape.layerBlockBytes());
      transfer.stream.copyIn(
          address(block, layer), transfer.staging.address(), shape.layerBlockBytes());
      transfer.stream.synchronize();
    } finally {
      transfers.add(transfer);
    }
  }

  private Transfer take() {
    Transfer transfer;
    try {
      transfer = transfers.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while KV was to move", e);
    }
    // After all that may move a virtual thread to another carrier: contexts belong to carriers.
    device.makeCurrent();
    return transfer;
  }

  private long address(int block, int layer) {
    return layer(layer) + (long) block * shape.layerBlockBytes();
  }

  private long hostAddress(int hostBlock, int layer) {
    if (host == null) {
      throw new IllegalStateException("there is no host tier");
    }
    return host.address() + hostBlock * shape.blockBytes() + (long) layer * shape.layerBlockBytes();
  }

  @Override
  public void close() {
    for (Transfer transfer : all) {
      transfer.stream.close();
      transfer.staging.close();
    }
    for (CudaEvent event : written) {
      event.close();
    }
    if (host != null) {
      host.close();
    }
    memory.close();
  }
}
