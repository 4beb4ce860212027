package io.baton.engine.cuda.backend;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaException;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.HostRegistration;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.model.ModelException;
import io.baton.engine.model.Tensor;
import io.baton.engine.model.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a checkpoint's tensors to a device, straight from the mapped files where the types agree.
 */
final class WeightLoader {
  private static final Logger LOG = LoggerFactory.getLogger(WeightLoader.class);
  private static final int PIECE = 1 << 20;

  private final CudaDevice device;
  private final ModelShape shape;

  private WeightLoader(CudaDevice device, ModelShape shape) {
    this.device = device;
    this.shape = shape;
  }

  static DeviceWeights load(CudaDevice device, ModelShape shape, Checkpoint checkpoint)
      throws ModelException {
    try (Arena arena = Arena.ofShared()) {
      return new WeightLoader(device, shape).load(checkpoint.mapWeights(arena));
    }
  }

  private DeviceWeights load(Weights weights) throws ModelException {
    long start = System.nanoTime();
    boolean tied = weights.head().data().address() == weights.embedding().data().address();
    DeviceMemory memory = DeviceWeights.allocate(device, shape, tied);
    try {
      var cursor = new DeviceWeights.Cursor(memory);
      long embedding = put(memory, cursor, weights.embedding());
      var layers = new ArrayList<DeviceWeights.Layer>();
      for (Weights.Layer layer : weights.layers()) {
        layers.add(layer(memory, cursor, layer));
      }
      long finalNorm = put(memory, cursor, weights.finalNorm());
      long head = tied ? embedding : put(memory, cursor, weights.head());
      LOG.info(
          "weights: {} MiB to {} in {} ms",
          memory.bytes() >> 20,
          device,
          (System.nanoTime() - start) / 1_000_000);
      return new DeviceWeights(memory, embedding, List.copyOf(layers), finalNorm, head);
    } catch (RuntimeException | ModelException e) {
      memory.close();
      throw e;
    }
  }

  private DeviceWeights.Layer layer(
      DeviceMemory memory, DeviceWeights.Cursor cursor, Weights.Layer layer) throws ModelException {
    refuseBias(layer.o(), layer.gate(), layer.up(), layer.down());
    return new DeviceWeights.Layer(
        put(memory, cursor, layer.inputNorm()),
        put(memory, cursor, layer.q().weight(), layer.k().weight(), layer.v().weight()),
        bias(memory, cursor, layer),
        putIfPresent(memory, cursor, layer.qNorm()),
        putIfPresent(memory, cursor, layer.kNorm()),
        put(memory, cursor, layer.o().weight()),
        put(memory, cursor, layer.mlpNorm()),
        put(memory, cursor, layer.gate().weight(), layer.up().weight()),
        put(memory, cursor, layer.down().weight()));
  }

  private long bias(DeviceMemory memory, DeviceWeights.Cursor cursor, Weights.Layer layer)
      throws ModelException {
    Tensor q = layer.q().bias();
    Tensor k = layer.k().bias();
    Tensor v = layer.v().bias();
    if (q == null && k == null && v == null) {
      return 0;
    }
    if (q == null || k == null || v == null) {
      throw new ModelException(
          layer.q().weight().name() + ": biases of q, k and v (expected by cuda: all or none)");
    }
    return put(memory, cursor, q, k, v);
  }

  private static void refuseBias(Weights.Linear... others) throws ModelException {
    for (Weights.Linear linear : others) {
      Tensor bias = linear.bias();
      if (bias != null) {
        throw new ModelException(
            bias.name() + ": a bias (expected by cuda: biases of q, k and v only)");
      }
    }
  }

  private long putIfPresent(
      DeviceMemory memory, DeviceWeights.Cursor cursor, @Nullable Tensor tensor) {
    return tensor == null ? 0 : put(memory, cursor, tensor);
  }

  /** Tensors one after the other without a gap. */
  private long put(DeviceMemory memory, DeviceWeights.Cursor cursor, Tensor... tensors) {
    long elements = 0;
    for (Tensor tensor : tensors) {
      elements += tensor.size();
    }
    long address = cursor.take(elements, shape.type());
    long at = address - memory.address();
    for (Tensor tensor : tensors) {
      if (typeOf(tensor) == shape.type()) {
        copyMapped(memory, at, tensor.data());
      } else {
        copyConverted(memory, at, tensor);
      }
      at += tensor.size() * shape.type().bytes();
    }
    return address;
  }

  /** The type that a checkpoint's embedding is stored in. */
  static ElementType storedType(Checkpoint checkpoint) throws ModelException {
    try (Arena arena = Arena.ofConfined()) {
      return typeOf(checkpoint.mapWeights(arena).embedding());
    }
  }

  private static ElementType typeOf(Tensor tensor) {
    return switch (tensor.dtype()) {
      case F32 -> ElementType.F32;
      case F16 -> ElementType.F16;
      case BF16 -> ElementType.BF16;
    };
  }

  /** Registered memory is copied at six times the speed; small tensors are not worth it. */
  private void copyMapped(DeviceMemory memory, long at, MemorySegment data) {
    if (data.byteSize() < PIECE) {
      memory.copyFrom(data, at);
      return;
    }
    HostRegistration registration = null;
    try {
      registration = HostRegistration.readOnly(device, data);
    } catch (CudaException e) {
      if (e.endsProcess()) {
        throw e;
      }
      LOG.debug("weights are copied without registration: {}", e.getMessage());
    }
    try {
      memory.copyFrom(data, at);
    } finally {
      if (registration != null) {
        registration.close();
      }
    }
  }

  private void copyConverted(DeviceMemory memory, long at, Tensor tensor) {
    try (Arena arena = Arena.ofConfined()) {
      int bytes = shape.type().bytes();
      MemorySegment piece = arena.allocate((long) PIECE * bytes, 16);
      for (long done = 0; done < tensor.size(); done += PIECE) {
        int count = (int) Math.min(PIECE, tensor.size() - done);
        for (int i = 0; i < count; i++) {
          write(piece, i, read(tensor, done + i));
        }
        memory.copyFrom(piece.asSlice(0, (long) count * bytes), at + done * bytes);
      }
    }
  }

  private static float read(Tensor tensor, long index) {
    return switch (tensor.dtype()) {
      case F32 -> tensor.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * 4);
      case F16 ->
          Float.float16ToFloat(tensor.data().get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2));
      case BF16 ->
          Float.intBitsToFloat(
              tensor.data().get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2) << 16);
    };
  }

  private void write(MemorySegment piece, int index, float value) {
    switch (shape.type()) {
      case F32 -> piece.setAtIndex(JAVA_FLOAT, index, value);
      case F16 -> piece.setAtIndex(JAVA_SHORT, index, Float.floatToFloat16(value));
      case BF16 -> piece.setAtIndex(JAVA_SHORT, index, bfloat16(value));
    }
  }

  /** To the nearest, ties to even. */
  static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }
}
