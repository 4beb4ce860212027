package io.baton.engine.cuda.backend;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.baton.engine.backend.Draws;
import io.baton.engine.backend.Logits;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.driver.CudaStream;
import io.baton.engine.cuda.driver.DeviceMemory;
import io.baton.engine.cuda.driver.PinnedMemory;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Draws from logits that no model made; for checks. The device is the caller's. */
public final class DrawTrial implements Logits, AutoCloseable {
  private final int vocabulary;
  private final CudaStream stream;
  private final DeviceDraws draws;
  private final DeviceMemory onDevice;
  private final PinnedMemory onHost;

  /** Room for so many rows. */
  public DrawTrial(CudaDevice device, int vocabulary, int rows) {
    this.vocabulary = vocabulary;
    stream = device.newStream();
    var compiler = new KernelCompiler(device.api().nvrtc(), Optional.empty());
    draws = new DeviceDraws(device, compiler, vocabulary, rows);
    long bytes = (long) rows * vocabulary * Float.BYTES;
    onDevice = device.allocate(bytes, "logits");
    onHost = device.pin(bytes, "logits");
  }

  /** Sets the logits of the first rows. */
  public void logits(float[] rows) {
    MemorySegment.copy(rows, 0, onHost.segment(), JAVA_FLOAT, 0, rows.length);
    stream.copyIn(onDevice.address(), onHost.address(), (long) rows.length * Float.BYTES);
    stream.synchronize();
  }

  @Override
  public int vocabSize() {
    return vocabulary;
  }

  @Override
  public int argmax(int index) {
    var row = new float[vocabulary];
    logits(index, row);
    int best = 0;
    for (int id = 1; id < vocabulary; id++) {
      best = row[id] > row[best] ? id : best;
    }
    return best;
  }

  /** As the device has them now. */
  @Override
  public void logits(int index, float[] into) {
    long bytes = (long) vocabulary * Float.BYTES;
    stream.copyOut(onHost.address(), onDevice.address() + index * bytes, bytes);
    stream.synchronize();
    MemorySegment.copy(onHost.segment(), JAVA_FLOAT, 0, into, 0, vocabulary);
  }

  @Override
  public boolean decidesTokens() {
    return false;
  }

  @Override
  public boolean canDraw() {
    return true;
  }

  @Override
  public void draw(Draws wanted) {
    draws.draw(stream, onDevice.address(), wanted);
  }

  @Override
  public void close() {
    onHost.close();
    onDevice.close();
    draws.close();
    stream.close();
  }
}
