package io.baton.kvblocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Known answers: the first six are constants of Dynamo's own router and protocol tests, the rest
 * were computed with the reference implementation of xxHash.
 */
class BlockHasherTest {
  @ParameterizedTest(name = "local hash of tokens {0} to {1}")
  @CsvSource({
    "1, 4, 14643705804678351452",
    "5, 8, 16777012769546811212",
    "9, 12, 483935686894639516",
    "0, 15, 15310707395893867146",
    "16, 31, 15292316782987903195",
  })
  void localHashesAreThoseOfDynamo(int first, int last, String expected) {
    int[] tokens = range(first, last);

    assertThat(Long.toUnsignedString(new BlockHasher(tokens.length).localHash(tokens, 0)))
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "sequence hash of block {3} of tokens {0} to {1}, {2} a block")
  @CsvSource({
    "1, 8, 4, 1, 4945711292740353085",
    "1, 12, 4, 2, 12583592247330656132",
    "0, 31, 16, 1, 13769157705258532664",
  })
  void sequenceHashesAreThoseOfDynamo(
      int first, int last, int blockSize, int block, String expected) {
    BlockHashes hashes = new BlockHasher(blockSize).hash(range(first, last));

    assertThat(Long.toUnsignedString(hashes.sequence()[block])).isEqualTo(expected);
  }

  @Test
  void theHashIsXxh3Of64BitsWithSeed1337() {
    byte[] data = "test data".getBytes(StandardCharsets.UTF_8);

    assertThat(Long.toUnsignedString(Hashing.xxh3_64(BlockHasher.SEED).hashBytesToLong(data)))
        .isEqualTo("13226331709069118873");
  }

  @ParameterizedTest(name = "LoRA ''{0}'', salt ''{1}''")
  @CsvSource({
    "'', '', 1337, 14643705804678351452",
    "adapter-a, '', 8842669519798868182, 11381080598872079209",
    "'', tenant-1, 13131544620552358486, 12236259103925738072",
    "adapter-a, tenant-1, 3527470066641673715, 5419529179100330851",
  })
  void namespacesChangeTheSeedOfLocalHashes(
      String lora, String salt, String expectedSeed, String expectedHash) {
    BlockHasher hasher = new BlockHasher(4, lora, salt);

    assertThat(Long.toUnsignedString(BlockHasher.seed(lora, salt))).isEqualTo(expectedSeed);
    assertThat(Long.toUnsignedString(hasher.localHash(range(1, 4), 0))).isEqualTo(expectedHash);
  }

  @Test
  void theChainKeepsItsSeedInEveryNamespace() {
    BlockHashes salted = new BlockHasher(4, "adapter-a", "tenant-1").hash(range(1, 8));

    assertThat(salted.sequence()[0]).isEqualTo(salted.local()[0]);
    assertThat(salted.sequence()[1])
        .isEqualTo(BlockHasher.chain(salted.local()[0], salted.local()[1]));
  }

  @Test
  void mediaHashesFollowTheTokensInAscendingOrderWhateverOrderTheyCameIn() {
    BlockHasher hasher = new BlockHasher(4);

    assertThat(Long.toUnsignedString(hasher.localHash(range(1, 4), 0, new long[] {7, 9})))
        .isEqualTo("1313351638621215252");
    assertThat(hasher.localHash(range(1, 4), 0, new long[] {-1, 9, 7}))
        .isEqualTo(hasher.localHash(range(1, 4), 0, new long[] {7, 9, -1}))
        .isNotEqualTo(hasher.localHash(range(1, 4), 0, new long[] {7, 9}));
    assertThat(hasher.localHash(range(1, 4), 0, new long[0]))
        .isEqualTo(hasher.localHash(range(1, 4), 0));
  }

  @Test
  void tokensAfterTheLastFullBlockHaveNoName() {
    BlockHasher hasher = new BlockHasher(16);

    assertThat(hasher.hash(range(1, 15)).blockCount()).isZero();
    assertThat(hasher.hash(range(1, 31)).sequence())
        .isEqualTo(hasher.hash(range(1, 16)).sequence());
    assertThat(hasher.hash(range(1, 31)).tokenCount()).isEqualTo(31);
    assertThat(hasher.hash(new int[0]).blockCount()).isZero();
  }

  @ParameterizedTest(name = "{0} tokens a block")
  @ValueSource(ints = {1, 2, 3, 4, 5, 8, 15, 16, 31, 32, 33, 60, 61, 64, 128, 512})
  void tokensAreHashedWhereTheyLieAsIfTheyHadBeenCopiedToBytes(int blockSize) {
    SplittableRandom random = new SplittableRandom(blockSize);
    int[] tokens = random.ints(3L * blockSize + 1).toArray();
    byte[] bytes = littleEndian(tokens);
    var reference = Hashing.xxh3_64(BlockHasher.SEED);

    long[] local = new BlockHasher(blockSize).localHashes(tokens);

    assertThat(local).hasSize(tokens.length / blockSize);
    for (int i = 0; i < local.length; i++) {
      assertThat(local[i])
          .isEqualTo(reference.hashBytesToLong(bytes, 4 * i * blockSize, 4 * blockSize));
    }
  }

  @Test
  void unalignedReadsAgreeWithTheBytesToo() {
    int[] tokens = {0x04030201, 0x88070605, 0x0c0b0a99};

    assertThat(TokenBytes.ACCESS.getInt(tokens, 3)).isEqualTo(0x07060504);
    assertThat(TokenBytes.ACCESS.getLong(tokens, 1)).isEqualTo(0x9988070605040302L);
    assertThat(TokenBytes.ACCESS.getIntAsUnsignedLong(tokens, 4)).isEqualTo(0x88070605L);
  }

  @Test
  void aBlockThatIsNotThereIsAnErrorThatNamesIt() {
    BlockHasher hasher = new BlockHasher(4);

    assertThatThrownBy(() -> hasher.localHash(range(1, 7), 4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("offset: 4 (expected: 0 to 3, so that a block of 4 tokens lies in 7)");
    assertThatThrownBy(() -> new BlockHasher(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("blockSize: 0 (expected: >= 1)");
  }

  private static int[] range(int first, int last) {
    return IntStream.rangeClosed(first, last).toArray();
  }

  private static byte[] littleEndian(int[] tokens) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * tokens.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(tokens).forEach(bytes::putInt);
    return bytes.array();
  }
}
