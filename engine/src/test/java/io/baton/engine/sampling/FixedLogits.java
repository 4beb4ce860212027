package io.baton.engine.sampling;

import io.baton.engine.backend.Backend;
import io.baton.engine.backend.KvLayout;
import io.baton.engine.backend.StepBatch;
import java.nio.ByteBuffer;

/** A model that always says the same. */
final class FixedLogits implements Backend {
  private final float[] logits;

  FixedLogits(float... logits) {
    this.logits = logits;
  }

  @Override
  public String name() {
    return "fixed";
  }

  @Override
  public KvLayout layout() {
    return new KvLayout(1, 0, "fixed");
  }

  @Override
  public int vocabSize() {
    return logits.length;
  }

  @Override
  public void execute(StepBatch batch, LayerListener listener) {}

  @Override
  public int argmax(int index) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  @Override
  public void logits(int index, float[] into) {
    System.arraycopy(logits, 0, into, 0, logits.length);
  }

  @Override
  public boolean decidesTokens() {
    return false;
  }

  @Override
  public void copyToHost(int block, int hostBlock) {}

  @Override
  public void copyFromHost(int hostBlock, int block) {}

  @Override
  public void exportBlock(int block, int layer, ByteBuffer into) {}

  @Override
  public void importBlock(int block, int layer, ByteBuffer from) {}

  @Override
  public void close() {}
}
