package io.baton.kvblocks;

import static org.assertj.core.api.Assertions.assertThat;

import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Against the library, which passes the algorithm's own test vectors. */
class ShortXxh3Test {
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void agreesWithTheLibraryForEveryLengthAndAnySeed() {
    for (int round = 0; round < 50; round++) {
      long seed = round == 0 ? BlockHasher.SEED : random.nextLong();
      ShortXxh3 own = new ShortXxh3(seed);
      var library = Hashing.xxh3_64(seed);
      for (int count = ShortXxh3.LEAST_TOKENS; count <= ShortXxh3.MOST_TOKENS; count++) {
        int[] tokens = random.ints(count + 3L).toArray();
        ByteBuffer bytes = ByteBuffer.allocate(4 * tokens.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(tokens);
        assertThat(own.of(tokens, 3, count))
            .as("%d tokens", count)
            .isEqualTo(library.hashBytesToLong(bytes.array(), 12, 4 * count));
      }
      long first = random.nextLong();
      long second = random.nextLong();
      assertThat(own.ofTwoLongs(first, second))
          .isEqualTo(library.hashLongLongToLong(first, second));
    }
  }

  @Test
  void aLongerPromptHasTheSameHashesWhetherItsPrefixWasKnownOrNot() {
    for (int blockSize : new int[] {1, 4, 16, 32, 64}) {
      BlockHasher hasher = new BlockHasher(blockSize);
      int[] tokens = random.ints(40L * blockSize + 3, 0, 150_000).toArray();
      for (int known : new int[] {0, 1, 17, 40}) {
        BlockHashes prefix = hasher.hash(java.util.Arrays.copyOf(tokens, known * blockSize));
        BlockHashes whole = hasher.hash(tokens);
        BlockHashes extended = hasher.extend(prefix, known, tokens);
        assertThat(extended.local()).isEqualTo(whole.local());
        assertThat(extended.sequence()).isEqualTo(whole.sequence());
        assertThat(extended.tokenCount()).isEqualTo(tokens.length);
      }
    }
  }
}
