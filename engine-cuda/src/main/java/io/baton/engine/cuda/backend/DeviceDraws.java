package io.baton.engine.cuda.backend;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.baton.engine.backend.Draws;
import io.baton.engine.backend.Draws.Draw;
import io.baton.engine.cuda.compile.Architecture;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.compile.KernelSource;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaFunction;
import io.baton.engine.cuda.driver.CudaModule;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.KernelArguments;
import io.baton.engine.cuda.driver.LaunchShape;
import io.baton.engine.cuda.driver.PinnedMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Draws tokens on the device: what is asked goes there in one copy, a kernel writes what came of it
 * into host memory. A draw whose edits or mask find no room is left undecided. One thread.
 */
final class DeviceDraws implements AutoCloseable {
  // As in sampling.cu.
  private static final int THREADS = 1024;
  private static final int DRAW_BYTES = 48;
  private static final int EDIT_BYTES = 16;
  private static final int DRAWN_BYTES = 184;
  private static final int IDS_AT = 20;
  private static final int LOGITS_AT = IDS_AT + 4 * Draws.MOST_TOP;

  private static final int MOST_EDITS = 1 << 17;
  private static final int MOST_MASKS = 128;

  private final int vocabulary;
  private final int mostDraws;
  private final int mostMaskWords;
  private final CudaModule module;
  private final CudaFunction kernel;
  private final KernelArguments arguments = KernelArguments.ofCount(6);
  private final PinnedMemory asked;
  private final DeviceMemory onDevice;
  private final PinnedMemory drawn;

  /** Those of the draws that fit, by their place on the device. */
  private final Draw[] taken;

  private int count;

  DeviceDraws(CudaDevice device, KernelCompiler compiler, int vocabulary, int mostDraws) {
    this.vocabulary = vocabulary;
    this.mostDraws = mostDraws;
    this.taken = new Draw[mostDraws];
    this.mostMaskWords = Math.min(mostDraws, MOST_MASKS) * ((vocabulary + 63) / 64);
    var source = KernelSource.named("sampling.cu");
    Architecture architecture = Architecture.of(device.computeCapability());
    module = device.load(compiler.compile(source, architecture, List.of()).cubin());
    kernel = module.function("draw_tokens");
    long bytes =
        (long) mostDraws * DRAW_BYTES + (long) MOST_EDITS * EDIT_BYTES + 8L * mostMaskWords;
    asked = device.pin(bytes, "what is to be drawn");
    onDevice = device.allocate(bytes, "what is to be drawn");
    drawn = device.pin((long) mostDraws * DRAWN_BYTES, "drawn tokens");
  }

  /** Draws from a step's logits, and waits for it. */
  void draw(CudaStream stream, long logits, Draws draws) {
    count = 0;
    int edits = 0;
    int words = 0;
    int maskWords = (vocabulary + 63) / 64;
    for (int i = 0; i < draws.count() && count < mostDraws; i++) {
      Draw draw = draws.get(i);
      int newWords = draw.maskAt() < 0 ? 0 : maskWords;
      if (edits + draw.editCount() <= MOST_EDITS && words + newWords <= mostMaskWords) {
        taken[count++] = draw;
        edits += draw.editCount();
        words += newWords;
      }
    }
    if (count == 0) {
      return;
    }
    long editsAt = (long) count * DRAW_BYTES;
    long masksAt = editsAt + (long) edits * EDIT_BYTES;
    fill(draws, editsAt, masksAt);
    stream.copyIn(onDevice.address(), asked.address(), masksAt + 8L * words);
    arguments
        .set(0, logits)
        .set(1, vocabulary)
        .set(2, onDevice.address())
        .set(3, onDevice.address() + editsAt)
        .set(4, onDevice.address() + masksAt)
        .set(5, drawn.address());
    kernel.launch(stream, LaunchShape.of(count, THREADS), arguments);
    stream.synchronize();
    for (int i = 0; i < count; i++) {
      read(i);
    }
  }

  private void fill(Draws draws, long editsAt, long masksAt) {
    int edits = 0;
    int words = 0;
    for (int i = 0; i < count; i++) {
      Draw draw = taken[i];
      boolean masked = draw.maskAt() >= 0;
      write((long) i * DRAW_BYTES, draw, edits, masked ? words : -1);
      for (int e = draw.firstEdit(); e < draw.firstEdit() + draw.editCount(); e++) {
        writeEdit(editsAt + (long) edits++ * EDIT_BYTES, draws, e);
      }
      if (masked) {
        int size = (vocabulary + 63) / 64;
        MemorySegment.copy(
            draws.masks(), draw.maskAt(), asked.segment(), JAVA_LONG, masksAt + 8L * words, size);
        words += size;
      }
    }
  }

  private void write(long at, Draw draw, int firstEdit, int mask) {
    MemorySegment to = asked.segment();
    to.set(JAVA_INT, at, draw.logitRow());
    to.set(JAVA_INT, at + 4, firstEdit);
    to.set(JAVA_INT, at + 8, draw.editCount());
    to.set(JAVA_INT, at + 12, mask);
    to.set(JAVA_FLOAT, at + 16, draw.temperature());
    to.set(JAVA_INT, at + 20, draw.topK());
    to.set(JAVA_FLOAT, at + 24, draw.topP());
    to.set(JAVA_FLOAT, at + 28, draw.minP());
    to.set(JAVA_DOUBLE, at + 32, draw.uniform());
    to.set(JAVA_INT, at + 40, draw.wantedTop());
  }

  private void writeEdit(long at, Draws draws, int edit) {
    MemorySegment to = asked.segment();
    to.set(JAVA_INT, at, draws.editToken(edit));
    to.set(JAVA_FLOAT, at + 4, draws.editBias(edit));
    to.set(JAVA_FLOAT, at + 8, draws.editRepetition(edit));
    to.set(JAVA_FLOAT, at + 12, draws.editSubtract(edit));
  }

  private void read(int i) {
    MemorySegment from = drawn.segment().asSlice((long) i * DRAWN_BYTES, DRAWN_BYTES);
    Draw draw = taken[i];
    int token = from.get(JAVA_INT, 0);
    draw.decide(token);
    if (draw.wantedTop() < 0 || token < 0) {
      return;
    }
    double logSum = from.get(JAVA_DOUBLE, 8);
    int found = from.get(JAVA_INT, 4);
    // Equal logits in great number may keep the best from being put in order.
    if (found < Math.min(draw.wantedTop(), vocabulary)) {
      draw.decide(Draws.UNDECIDED);
      return;
    }
    draw.explain((float) (from.get(JAVA_FLOAT, 16) - logSum));
    for (int t = 0; t < found; t++) {
      float logit = from.get(JAVA_FLOAT, LOGITS_AT + 4L * t);
      draw.addTop(from.get(JAVA_INT, IDS_AT + 4L * t), (float) (logit - logSum));
    }
  }

  @Override
  public void close() {
    drawn.close();
    onDevice.close();
    asked.close();
    module.close();
  }
}
