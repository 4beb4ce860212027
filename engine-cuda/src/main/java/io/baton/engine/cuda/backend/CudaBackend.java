package io.baton.engine.cuda.backend;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.baton.engine.backend.Backend;
import io.baton.engine.backend.Draws;
import io.baton.engine.backend.KvLayout;
import io.baton.engine.backend.PeerKv;
import io.baton.engine.backend.StepBatch;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaEvent;
import io.baton.engine.cuda.driver.CudaGraph;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The forward pass of Llama-like transformers on a GPU. Owns the device. */
public final class CudaBackend implements Backend {
  /**
   * The last part of a step is waited for awake: being woken by the driver takes 60 to 200
   * microseconds, a thirtieth of a step of a large model and half of one of a small model.
   */
  private static final long AWAKE_NANOS = TimeUnit.MICROSECONDS.toNanos(400);

  private final CudaDevice device;
  private final ModelShape shape;
  private final String model;
  private final CudaStream stream;
  private final DeviceWeights weights;
  private final DeviceMemory turns;
  private final LayerKernels kernels;
  private final @Nullable FastAttention fast;
  private final Products products;
  private final Activations activations;
  private final KvPool kv;
  private final PeerPools peers;
  private final byte[] sharedKv;
  private final StepTables tables;
  private final DeviceDraws draws;
  private final @Nullable DecodeGraphs graphs;
  private final CudaEvent done;
  private final StepCounters counters = new StepCounters();
  private long lastWaitNanos;
  private boolean ownThread;

  private CudaBackend(Builder b) {
    device = b.device;
    shape = b.shape;
    model = b.model;
    stream = b.stream;
    weights = b.weights;
    turns = b.turns;
    kernels = b.kernels;
    fast = b.fast;
    products = b.products;
    activations = b.activations;
    draws = b.draws;
    kv = b.kv;
    peers = new PeerPools(device, kv);
    sharedKv = b.shared ? PeerPools.name(device, kv.memory(), kv.layerBytes()) : new byte[0];
    tables = new StepTables(device, b.limits, shape.blockSize(), kv.scratchBlock());
    graphs = b.graphs ? new DecodeGraphs(device, stream, b.limits) : null;
    done = device.newBlockingEvent();
    stream.synchronize();
  }

  /**
   * Everything that is on the device before the KV blocks, whose number depends on what is left.
   */
  static final class Builder {
    private final CudaDevice device;
    private final KernelCompiler compiler;
    private final ModelShape shape;
    private final String model;
    private final StepLimits limits;
    private final boolean graphs;
    private final CudaStream stream;
    private final DeviceWeights weights;
    private final DeviceMemory turns;
    private final LayerKernels kernels;
    private final @Nullable FastAttention fast;
    private final Products products;
    private final Activations activations;
    private final DeviceDraws draws;
    private KvPool kv;
    private boolean shared;

    /**
     * Compiles, tunes and takes memory, but for KV.
     *
     * @param model what both ends of a handoff must have in common
     * @param graphs whether steps of answers are launched as graphs
     * @param general whether to do without the faster kernels of attention
     */
    @SuppressWarnings("NullAway.Init")
    Builder(
        CudaDevice device,
        KernelCompiler compiler,
        ModelShape shape,
        DeviceWeights weights,
        String model,
        StepLimits limits,
        boolean graphs,
        boolean general) {
      this.device = device;
      this.compiler = compiler;
      this.shape = shape;
      this.model = model;
      this.limits = limits;
      this.graphs = graphs;
      this.weights = weights;
      stream = device.newStream();
      turns = Turns.onDevice(device, shape.config().rope(), limits.positions());
      kernels = new LayerKernels(device, compiler, shape);
      int answers = Math.min(limits.rows(), limits.sequences());
      fast =
          shape.fastAttention() && !general
              ? new FastAttention(device, compiler, shape, answers)
              : null;
      products = new Products(device, shape, limits, stream, compiler.cache());
      long parts = fast == null ? 1 : FastAttention.partsBytes(shape, answers);
      activations = new Activations(device, shape, limits, parts);
      draws = new DeviceDraws(device, compiler, shape.config().vocabSize(), limits.logitRows());
    }

    /** Lets other processes on the card read the KV in place. */
    Builder shared(boolean whether) {
      shared = whether;
      return this;
    }

    /** With so many blocks. */
    CudaBackend build(int blocks, int hostBlocks) {
      kv = new KvPool(device, compiler, shape, blocks, hostBlocks, stream);
      return new CudaBackend(this);
    }
  }

  /** What computes, for the log. */
  public String describe() {
    return "%s, compute capability %.1f, %s, %s attention"
        .formatted(
            device.name(),
            device.computeCapability() / 10.0,
            shape.type(),
            fast == null ? "general" : "fast");
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public KvLayout layout() {
    return kv.layout(model);
  }

  @Override
  public int vocabSize() {
    return shape.config().vocabSize();
  }

  @Override
  public boolean decidesTokens() {
    return false;
  }

  @Override
  public void execute(StepBatch batch, LayerListener listener) {
    takeThread();
    long start = System.nanoTime();
    int stride = tables.strideFor(batch);
    int filledUp = graphs == null ? 0 : graphs.rowsFor(batch);
    tables.fill(batch, filledUp, stride);
    CudaGraph graph =
        graphs == null || filledUp == 0
            ? null
            : graphs.graph(filledUp, stride, () -> step(batch, layer -> {}, false), counters);
    if (graph == null) {
      step(batch, listener, true);
    } else {
      graph.launch(stream);
      counters.graphSteps.increment();
      for (int layer = 0; layer < shape.config().layers(); layer++) {
        kv.written(layer);
        listener.onLayer(layer);
      }
    }
    await();
    counters.steps.increment();
    counters.nanos.add(System.nanoTime() - start);
    counters.rows.add(batch.rows());
    counters.filledUpRows.add(tables.rows() - batch.rows());
  }

  /** The step's thread owns the context. */
  private void takeThread() {
    if (!ownThread) {
      device.makeCurrent();
      ownThread = true;
    }
  }

  /**
   * Puts a step into the stream.
   *
   * @param notes whether to note when layers are written; not inside a capture
   */
  private void step(StepBatch batch, LayerListener listener, boolean notes) {
    Activations a = activations;
    int rows = tables.rows();
    tables.send(stream);
    kernels.embed(stream, tables, weights.embedding(), a.hidden);
    long delta = 0;
    for (int i = 0; i < weights.layers().size(); i++) {
      DeviceWeights.Layer layer = weights.layers().get(i);
      kernels.norm(stream, rows, a.hidden, delta, layer.inputNorm(), a.normed);
      products.qkv.run(stream, layer.qkv(), a.normed, a.qkv, rows);
      kernels.rope(stream, tables, a.qkv, layer, turns.address(), kv.layer(i));
      if (notes) {
        kv.written(i);
        listener.onLayer(i);
      }
      attend(batch, kv.layer(i));
      products.o.run(stream, layer.o(), a.attended, a.delta, rows);
      kernels.norm(stream, rows, a.hidden, a.delta, layer.mlpNorm(), a.normed);
      products.gateUp.run(stream, layer.gateUp(), a.normed, a.gateUp, rows);
      kernels.silu(stream, rows, a.gateUp, a.gated);
      products.down.run(stream, layer.down(), a.gated, a.delta, rows);
      delta = a.delta;
    }
    outputs();
  }

  private void attend(StepBatch batch, long layerKv) {
    if (fast == null) {
      kernels.attention(stream, tables, activations, layerKv);
      return;
    }
    if (tables.answers() < tables.rows()) {
      fast.prompts(stream, batch, tables, activations, layerKv);
    }
    if (tables.answers() > 0) {
      fast.answers(stream, tables, activations, layerKv);
    }
  }

  /** Only rows that are asked for become logits. */
  private void outputs() {
    int count = tables.logitRows();
    if (count == 0) {
      return;
    }
    Activations a = activations;
    kernels.finalNorm(stream, tables, a, weights.finalNorm());
    products.head.run(stream, weights.head(), a.headInput, a.logits, count);
    kernels.argmax(stream, count, a.logits, a.tokens().address());
  }

  /** Sleeps for most of what the last step took, then looks, then sleeps until the end. */
  private void await() {
    stream.record(done);
    long start = System.nanoTime();
    long asleep = lastWaitNanos - AWAKE_NANOS;
    if (asleep > 0) {
      LockSupport.parkNanos(asleep);
    }
    long until = Math.max(System.nanoTime(), start + lastWaitNanos) + AWAKE_NANOS;
    boolean over = done.done();
    while (!over && System.nanoTime() < until) {
      Thread.onSpinWait();
      over = done.done();
    }
    if (!over) {
      done.await();
    }
    lastWaitNanos = System.nanoTime() - start;
  }

  @Override
  public int argmax(int index) {
    return activations.tokens().segment().getAtIndex(JAVA_INT, index);
  }

  @Override
  public void logits(int index, float[] into) {
    MemorySegment row = activations.logitsRow().segment();
    stream.copyOut(row.address(), activations.logits + index * row.byteSize(), row.byteSize());
    stream.synchronize();
    MemorySegment.copy(row, JAVA_FLOAT, 0, into, 0, vocabSize());
  }

  @Override
  public boolean canDraw() {
    return true;
  }

  @Override
  public void draw(Draws wanted) {
    draws.draw(stream, activations.logits, wanted);
    counters.draws.add(wanted.count());
    for (int i = 0; i < wanted.count(); i++) {
      if (wanted.get(i).token() == Draws.UNDECIDED) {
        counters.drawsLeft.increment();
      }
    }
  }

  @Override
  public void copyToHost(int block, int hostBlock) {
    takeThread();
    kv.copyToHost(block, hostBlock);
  }

  @Override
  public void copyFromHost(int hostBlock, int block) {
    takeThread();
    kv.copyFromHost(hostBlock, block);
  }

  @Override
  public void exportBlock(int block, int layer, ByteBuffer into) {
    kv.export(new int[] {block}, 0, 1, layer, into);
  }

  @Override
  public void importBlock(int block, int layer, ByteBuffer from) {
    kv.importFrom(new int[] {block}, 0, 1, layer, from);
  }

  @Override
  public void exportBlocks(int[] blocks, int from, int to, int layer, ByteBuffer into) {
    kv.export(blocks, from, to, layer, into);
  }

  @Override
  public void importBlocks(int[] blocks, int from, int to, int layer, ByteBuffer source) {
    kv.importFrom(blocks, from, to, layer, source);
  }

  /**
   * Microseconds on the device of each part of a step of answers, summed over the layers. For
   * reports; KV and activations are garbage afterwards.
   */
  public Map<String, Double> profile(StepBatch batch) {
    takeThread();
    tables.fill(batch, 0, tables.strideFor(batch));
    tables.send(stream);
    return new StepProfile(device, stream, weights.layers().size()).of(parts(batch));
  }

  /** The parts of a step by name, each for one layer. */
  private Map<String, IntConsumer> parts(StepBatch batch) {
    Activations a = activations;
    int rows = tables.rows();
    List<DeviceWeights.Layer> layers = weights.layers();
    Map<String, IntConsumer> parts = new LinkedHashMap<>();
    parts.put(
        "norms",
        i -> {
          kernels.norm(stream, rows, a.hidden, a.delta, layers.get(i).inputNorm(), a.normed);
          kernels.norm(stream, rows, a.hidden, a.delta, layers.get(i).mlpNorm(), a.normed);
        });
    parts.put("qkv", i -> products.qkv.run(stream, layers.get(i).qkv(), a.normed, a.qkv, rows));
    parts.put(
        "rope",
        i -> kernels.rope(stream, tables, a.qkv, layers.get(i), turns.address(), kv.layer(i)));
    parts.put("attention", i -> attend(batch, kv.layer(i)));
    parts.put("o", i -> products.o.run(stream, layers.get(i).o(), a.attended, a.delta, rows));
    parts.put(
        "gate and up",
        i -> products.gateUp.run(stream, layers.get(i).gateUp(), a.normed, a.gateUp, rows));
    parts.put("silu", i -> kernels.silu(stream, rows, a.gateUp, a.gated));
    parts.put("down", i -> products.down.run(stream, layers.get(i).down(), a.gated, a.delta, rows));
    parts.put(
        "outputs",
        i -> {
          if (i == layers.size() - 1) {
            outputs();
          }
        });
    return parts;
  }

  @Override
  public byte[] sharedKv() {
    return sharedKv.clone();
  }

  @Override
  public Optional<PeerKv> openPeer(byte[] shared) {
    return peers.open(shared);
  }

  @Override
  public void awaitLayer(int layer) {
    kv.await(layer);
  }

  @Override
  public Map<String, LongSupplier> counters() {
    return counters.byName();
  }

  /** Graphs made so far. */
  int graphs() {
    return graphs == null ? 0 : graphs.count();
  }

  @Override
  public void close() {
    device.makeCurrent();
    device.synchronize();
    if (graphs != null) {
      graphs.close();
    }
    if (fast != null) {
      fast.close();
    }
    done.close();
    peers.close();
    tables.close();
    draws.close();
    kv.close();
    activations.close();
    products.close();
    kernels.close();
    turns.close();
    weights.close();
    stream.close();
    device.close();
  }
}
