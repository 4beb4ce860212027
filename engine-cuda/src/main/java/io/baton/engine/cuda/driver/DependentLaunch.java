package io.baton.engine.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A launch configuration ({@code CUlaunchConfig}) with programmatic stream serialization. Made once
 * per launch site; used by one thread at a time.
 */
public final class DependentLaunch {
  private static final int CONFIG_BYTES = 56;
  private static final long STREAM_AT = 32;
  private static final long ATTRIBUTES_AT = 40;
  private static final long ATTRIBUTE_COUNT_AT = 48;
  private static final int ATTRIBUTE_BYTES = 72;
  private static final long ATTRIBUTE_VALUE_AT = 8;
  private static final int PROGRAMMATIC_STREAM_SERIALIZATION = 6;

  private final MemorySegment config;
  private final MemorySegment attribute;
  private LaunchShape shape;

  public DependentLaunch(LaunchShape shape) {
    Arena arena = Arena.ofAuto();
    attribute = arena.allocate(ATTRIBUTE_BYTES, 8);
    attribute.set(JAVA_INT, 0, PROGRAMMATIC_STREAM_SERIALIZATION);
    attribute.set(JAVA_INT, ATTRIBUTE_VALUE_AT, 1);
    config = arena.allocate(CONFIG_BYTES, 8);
    config.set(JAVA_LONG, ATTRIBUTES_AT, attribute.address());
    config.set(JAVA_INT, ATTRIBUTE_COUNT_AT, 1);
    this.shape = shape;
    reshape(shape);
  }

  public LaunchShape shape() {
    return shape;
  }

  /** The next launches have this shape. */
  public void reshape(LaunchShape newShape) {
    shape = newShape;
    int at = 0;
    for (int value :
        new int[] {
          newShape.gridX(),
          newShape.gridY(),
          newShape.gridZ(),
          newShape.blockX(),
          newShape.blockY(),
          newShape.blockZ(),
          newShape.sharedBytes()
        }) {
      config.set(JAVA_INT, at, value);
      at += Integer.BYTES;
    }
  }

  /** Address of the configuration for a launch into this stream. */
  long address(CudaStream stream) {
    config.set(JAVA_LONG, STREAM_AT, stream.address());
    return config.address();
  }
}
