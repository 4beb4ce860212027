package io.baton.engine.cuda.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.baton.engine.backend.PeerKv;
import io.baton.engine.cuda.compile.KernelCompiler;
import io.baton.engine.cuda.driver.CudaDevice;
import io.baton.engine.cuda.fake.FakeCuda;
import io.baton.engine.cuda.gemm.ElementType;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.model.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** KV of another process is read in place, and its memory is let go when that process ends. */
class PeerPoolsTest {
  private static final int BLOCKS = 24;

  private final FakeCuda cuda = new FakeCuda();
  private CudaBackend prefill;
  private CudaBackend decode;
  private Process owner;

  @BeforeEach
  void open() throws ModelException, IOException {
    owner = new ProcessBuilder("sleep", "300").start();
    prefill = backend();
    decode = backend();
  }

  @AfterEach
  void close() {
    owner.destroyForcibly();
    decode.close();
    prefill.close();
    assertThat(cuda.leftOpen()).isEmpty();
  }

  private CudaBackend backend() throws ModelException {
    Checkpoint checkpoint = Checkpoint.read(Path.of("..", "models", "parity", "qwen3"));
    JavaKernels.teach(cuda, checkpoint.config(), 16);
    CudaDevice device = CudaDevice.open(cuda, 0, CudaDevice.Waiting.BLOCKING);
    ModelShape shape = ModelShape.of(checkpoint.config(), ElementType.F32, 16);
    return new CudaBackend.Builder(
            device,
            new KernelCompiler(cuda.nvrtc(), Optional.empty()),
            shape,
            WeightLoader.load(device, shape, checkpoint),
            checkpoint.fingerprint(),
            new StepLimits(40, 4, 4, 128),
            false,
            false)
        .shared(true)
        .build(BLOCKS, 0);
  }

  private int opened() {
    return cuda.calls("cuIpcOpenMemHandle").size();
  }

  private int closed() {
    return cuda.calls("cuIpcCloseMemHandle").size();
  }

  /** The prefill backend's name, as if another process held it. */
  private byte[] nameOf(long pid) {
    return ByteBuffer.wrap(prefill.sharedKv()).putLong(0, pid).array();
  }

  @Test
  void blocksAreReadInPlace() {
    ByteBuffer bytes = ByteBuffer.allocate(2 * prefill.layout().layerBlockBytes());
    new SplittableRandom(4).nextBytes(bytes.array());
    prefill.importBlocks(new int[] {2, 9}, 0, 2, 1, bytes);
    prefill.awaitLayer(1);
    try (PeerKv peer = decode.openPeer(nameOf(owner.pid())).orElseThrow()) {
      peer.copy(1, new int[] {2, 9}, new int[] {0, 20, 3}, 1);
    }
    ByteBuffer found = ByteBuffer.allocate(bytes.capacity());
    decode.exportBlocks(new int[] {20, 3}, 0, 2, 1, found);
    assertThat(found.array()).isEqualTo(bytes.array());
  }

  @Test
  void aPoolIsOpenedOnceAndClosedWithTheBackend() throws ModelException {
    try (CudaBackend another = backend()) {
      for (int i = 0; i < 3; i++) {
        another.openPeer(nameOf(owner.pid())).orElseThrow().close();
      }
      assertThat(opened()).isEqualTo(1);
      assertThat(closed()).isZero();
    }
    assertThat(closed()).isEqualTo(1);
  }

  @Test
  void aPoolIsClosedWhenItsProcessEndsAndNobodyReadsItAnyMore() throws IOException {
    PeerKv reader = decode.openPeer(nameOf(owner.pid())).orElseThrow();
    owner.destroyForcibly();
    await().until(() -> decode.openPeer(nameOf(owner.pid())).map(this::left).isEmpty());
    assertThat(closed()).isZero();
    reader.close();
    assertThat(closed()).isEqualTo(1);

    Process another = new ProcessBuilder("sleep", "300").start();
    decode.openPeer(nameOf(another.pid())).orElseThrow().close();
    another.destroyForcibly();
    await().until(() -> closed() == 2);
  }

  private PeerKv left(PeerKv reader) {
    reader.close();
    return reader;
  }

  @Test
  void poolsThatCannotBeOpenedAreNotTriedAgain() {
    byte[] otherMachine = nameOf(owner.pid());
    otherMachine[otherMachine.length - 2] ^= 1;
    assertThat(decode.openPeer(otherMachine)).isEmpty();
    assertThat(decode.openPeer(new byte[] {1, 2, 3})).isEmpty();
    assertThat(decode.openPeer(prefill.sharedKv())).as("memory of this process").isEmpty();
    assertThat(opened()).isZero();
    cuda.fail("cuIpcOpenMemHandle", 201);
    assertThat(decode.openPeer(nameOf(owner.pid()))).isEmpty();
    assertThat(decode.openPeer(nameOf(owner.pid()))).isEmpty();
    assertThat(opened()).isEqualTo(1);
  }
}
