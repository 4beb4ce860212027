package io.baton.engine.cuda.backend;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaEvent;
import io.baton.engine.cuda.driver.CudaFunction;
import io.baton.engine.cuda.driver.CudaModule;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.KernelArguments;
import io.baton.engine.cuda.driver.LaunchShape;
import io.baton.engine.cuda.driver.PinnedMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * Moves one layer of some blocks between the device and a buffer: a kernel gathers them on the
 * device, a copy engine takes them over the bus. Or from another pool on the device: a kernel
 * alone. All on a stream of its own. One thread at a time.
 */
final class BlockTransfer implements AutoCloseable {
  /** What is on its way at once, unless a single block is larger. */
  private static final long STAGING_BYTES = 512 << 10;

  /** The bus takes 10 us for that; being woken takes longer. */
  private static final long AWAKE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  /** Blocks that one launch copies between pools. */
  private static final int NAMED = 1024;

  private static final int THREADS = 256;
  private static final int PIECE = 16;

  private final int blockBytes;
  private final int atOnce;
  private final CudaStream stream;
  private final CudaEvent done;
  private final CudaFunction gather;
  private final CudaFunction scatter;
  private final CudaFunction copy;
  private final KernelArguments arguments = KernelArguments.ofCount(4);
  private final KernelArguments copyArguments = KernelArguments.ofCount(5);
  private final PinnedMemory numbers;
  private final PinnedMemory onHost;
  private final DeviceMemory onDevice;

  /**
   * Takes half a megabyte of either memory.
   *
   * @param module the kernels of blocks.cu
   * @param blockBytes of one layer of a block; a multiple of 16
   */
  BlockTransfer(CudaDevice device, CudaModule module, int blockBytes) {
    this.blockBytes = blockBytes;
    atOnce = (int) Math.max(1, STAGING_BYTES / blockBytes);
    stream = device.newStream();
    done = device.newBlockingEvent();
    gather = module.function("gather_blocks");
    scatter = module.function("scatter_blocks");
    copy = module.function("copy_blocks");
    numbers =
        device.pin(2L * Math.max(atOnce, NAMED) * Integer.BYTES, "numbers of blocks on their way");
    onHost = device.pin((long) atOnce * blockBytes, "KV on its way");
    onDevice = device.allocate((long) atOnce * blockBytes, "KV on its way");
  }

  /**
   * Appends blocks to a buffer.
   *
   * @param layer address of the layer's first block
   * @param written when the blocks are whole
   */
  void export(long layer, CudaEvent written, int[] blocks, int from, int to, ByteBuffer into) {
    if (!written.done()) {
      written.await();
    }
    for (int at = from; at < to; at += atOnce) {
      int count = Math.min(atOnce, to - at);
      move(gather, layer, blocks, at, count);
      stream.copyOut(onHost.address(), onDevice.address(), (long) count * blockBytes);
      await();
      MemorySegment.ofBuffer(into).copyFrom(onHost.segment().asSlice(0, (long) count * blockBytes));
      into.position(into.position() + count * blockBytes);
    }
  }

  /** Takes blocks from a buffer. */
  void importFrom(long layer, int[] blocks, int from, int to, ByteBuffer source) {
    for (int at = from; at < to; at += atOnce) {
      int count = Math.min(atOnce, to - at);
      long bytes = (long) count * blockBytes;
      onHost.segment().copyFrom(MemorySegment.ofBuffer(source).asSlice(0, bytes));
      source.position(source.position() + count * blockBytes);
      stream.copyIn(onDevice.address(), onHost.address(), bytes);
      move(scatter, layer, blocks, at, count);
      await();
    }
  }

  /** Takes blocks from a layer of another pool. */
  void copyFrom(long theirLayer, int[] theirs, long ownLayer, int[] own, int from) {
    int pieces = blockBytes / PIECE;
    long second = (long) NAMED * Integer.BYTES;
    for (int at = 0; at < theirs.length; at += NAMED) {
      int count = Math.min(NAMED, theirs.length - at);
      MemorySegment.copy(theirs, at, numbers.segment(), JAVA_INT, 0, count);
      MemorySegment.copy(own, from + at, numbers.segment(), JAVA_INT, second, count);
      copyArguments
          .set(0, theirLayer)
          .set(1, numbers.address())
          .set(2, ownLayer)
          .set(3, numbers.address() + second)
          .set(4, pieces);
      copy.launch(
          stream, LaunchShape.of(Math.ceilDiv(pieces, THREADS), count, THREADS), copyArguments);
      await();
    }
  }

  private void move(CudaFunction kernel, long layer, int[] blocks, int from, int count) {
    MemorySegment.copy(blocks, from, numbers.segment(), JAVA_INT, 0, count);
    int pieces = blockBytes / PIECE;
    arguments.set(0, layer).set(1, numbers.address()).set(2, onDevice.address()).set(3, pieces);
    kernel.launch(stream, LaunchShape.of(Math.ceilDiv(pieces, THREADS), count, THREADS), arguments);
  }

  private void await() {
    stream.record(done);
    long until = System.nanoTime() + AWAKE_NANOS;
    while (!done.done()) {
      if (System.nanoTime() > until) {
        done.await();
        return;
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    stream.close();
    done.close();
    numbers.close();
    onHost.close();
    onDevice.close();
  }
}
