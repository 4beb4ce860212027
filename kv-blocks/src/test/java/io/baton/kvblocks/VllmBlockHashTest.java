package io.baton.kvblocks;

import static io.baton.kvblocks.VllmBlockHash.Algorithm.SHA256_CBOR;
import static io.baton.kvblocks.VllmBlockHash.Algorithm.XXHASH_CBOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Known answers: computed with vLLM's own hashing, blocks of 16 tokens. */
class VllmBlockHashTest {
  private final VllmBlockHash seed0 = new VllmBlockHash(SHA256_CBOR, 16, "0");
  private final VllmBlockHash seed42 = new VllmBlockHash(SHA256_CBOR, 16, "42");

  @Test
  void theRootIsADigestOfPythonsHashSeed() {
    assertThat(hex(seed0.root()))
        .isEqualTo("4e1195df020de59e0d65a33a4279f1183e7ae4e5d980e309f8b55adff2e61c3e");
    assertThat(hex(seed42.root()))
        .isEqualTo("9fa6eb003f14425eb9c8e6baacfbcaab26257357b829c7bfa74ffcc4f31c1780");
  }

  @Test
  void fullBlocksChainTheirWholeDigests() {
    List<byte[]> digests = seed0.digests(range(1, 47), "");

    assertThat(digests)
        .map(VllmBlockHashTest::hex)
        .containsExactly(
            "202da172482d928bbc42ab25b0151e2b895f13f41002e27b2ceabcfae6d332ea",
            "4a0a393805c6d2f0ed831000d41bb65980336c4c04895d5e26470bbec927f5bf");
    assertThat(digests)
        .map(VllmBlockHash::wireValue)
        .containsExactly(3236607068019569386L, 2758186210834249151L);
  }

  @Test
  void aSaltIsTheExtraKeyOfTheFirstBlockOnly() {
    List<byte[]> salted = seed0.digests(range(1, 32), "salt-a");

    assertThat(hex(salted.get(0)))
        .isEqualTo("311d71020bc0aac18e382b51df4e162c75cbf9f31e5a6868d6bdfee02bc9f258");
    assertThat(salted.get(1)).isNotEqualTo(seed0.digests(range(1, 32), "").get(1));
  }

  @Test
  void wireValuesUseAll64Bits() {
    byte[] digest = seed42.digests(range(1, 16), "").get(0);

    assertThat(hex(digest))
        .isEqualTo("476e88fb0c175c0b4ef0343e158b5157c2ac537d37d97830e235fcc84bc5706d");
    assertThat(Long.toUnsignedString(VllmBlockHash.wireValue(digest)))
        .isEqualTo("16300212363532267629");
  }

  @Test
  void xxhashMakesDigestsOf16Bytes() {
    VllmBlockHash xxhash = new VllmBlockHash(XXHASH_CBOR, 16, "0");

    assertThat(hex(xxhash.root())).isEqualTo("1ebe36576dcb573f26b99533a20aaeca");
    assertThat(xxhash.digests(range(1, 16), ""))
        .map(VllmBlockHashTest::hex)
        .containsExactly("c2d7a75070fc6d6b0c3fb0af456c1009");
  }

  @Test
  void largeTokenIdsTakeTheShortestCborForm() {
    // Each side of every border between heads. Expected values: RFC 8949 written out in Python,
    // SHA-256.
    VllmBlockHash twoABlock = new VllmBlockHash(SHA256_CBOR, 2, "0");

    assertThat(twoABlock.digests(new int[] {23, 24, 255, 256, 65535, 65536}, ""))
        .map(VllmBlockHashTest::hex)
        .containsExactly(
            "8425a2fd15087de221fbb2c55880b6fc57638ced3c28019206ccf4f5c3196109",
            "edc44a4487cb7f0680d9babbd310a013614495719e46fe93618c7eb887d5a3ba",
            "317e259388dac049c2188f300d8afb942c2096b97e9943abb251f3b0feb88e82");
  }

  @Test
  void aBlockOfNothingIsRefused() {
    assertThatThrownBy(() -> new VllmBlockHash(SHA256_CBOR, 0, "0"))
        .hasMessage("blockSize: 0 (expected: >= 1)");
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }

  private static int[] range(int first, int last) {
    return IntStream.rangeClosed(first, last).toArray();
  }
}
