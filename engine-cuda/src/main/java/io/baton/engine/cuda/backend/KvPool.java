package io.baton.engine.cuda.backend;

import io.baton.engine.backend.KvLayout;
import io.baton.engine.cuda.compile.Architecture;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.compile.KernelSource;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaEvent;
import io.baton.engine.cuda.driver.CudaModule;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.PinnedMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * KV blocks on the device, {@code [layer][block][K, V][kv head][token][dim]}, with one more block
 * that nobody reads; and the second tier in page-locked host memory. Blocks leave and come by
 * {@link BlockTransfer}s beside the steps.
 */
final class KvPool implements AutoCloseable {
  private static final int TRANSFERS_AT_ONCE = 4;

  private final CudaDevice device;
  private final CudaModule module;
  private final ModelShape shape;
  private final int blocks;
  private final DeviceMemory memory;
  private final @Nullable PinnedMemory host;
  private final CudaStream compute;
  private final BlockingQueue<BlockTransfer> transfers =
      new ArrayBlockingQueue<>(TRANSFERS_AT_ONCE);
  private final List<BlockTransfer> all = new ArrayList<>();

  /** By layer: when what steps have written there is whole. */
  private final CudaEvent[] written;

  /**
   * Takes the memory.
   *
   * @param compute the stream that steps run on
   */
  KvPool(
      CudaDevice device,
      KernelCompiler compiler,
      ModelShape shape,
      int blocks,
      int hostBlocks,
      CudaStream compute) {
    this.device = device;
    Architecture architecture = Architecture.of(device.computeCapability());
    var source = KernelSource.named("blocks.cu");
    module = device.load(compiler.compile(source, architecture, List.of()).cubin());
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
      var transfer = new BlockTransfer(device, module, shape.layerBlockBytes());
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
    return memory.address() + layer * layerBytes();
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
  void export(int[] blocks, int from, int to, int layer, ByteBuffer into) {
    BlockTransfer transfer = take();
    try {
      transfer.export(layer(layer), written[layer], blocks, from, to, into);
    } finally {
      transfers.add(transfer);
    }
  }

  /** Waits for the copy; any thread. */
  void importFrom(int[] blocks, int from, int to, int layer, ByteBuffer source) {
    BlockTransfer transfer = take();
    try {
      transfer.importFrom(layer(layer), blocks, from, to, source);
    } finally {
      transfers.add(transfer);
    }
  }

  /** Takes blocks from a layer of another pool on the device, and waits; any thread. */
  void copyFrom(long theirLayer, int[] theirs, int layer, int[] own, int from) {
    BlockTransfer transfer = take();
    try {
      transfer.copyFrom(theirLayer, theirs, layer(layer), own, from);
    } finally {
      transfers.add(transfer);
    }
  }

  /** Waits until all KV of a layer of the step under way is written; any thread. */
  void await(int layer) {
    device.makeCurrent();
    if (!written[layer].done()) {
      written[layer].await();
    }
  }

  /** Bytes from one layer to the next. */
  long layerBytes() {
    return (blocks + 1L) * shape.layerBlockBytes();
  }

  DeviceMemory memory() {
    return memory;
  }

  private BlockTransfer take() {
    BlockTransfer transfer;
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
    all.forEach(BlockTransfer::close);
    module.close();
    for (CudaEvent event : written) {
      event.close();
    }
    if (host != null) {
      host.close();
    }
    memory.close();
  }
}
