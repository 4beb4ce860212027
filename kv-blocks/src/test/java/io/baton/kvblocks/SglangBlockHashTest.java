package io.baton.kvblocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Known answers: computed with SGLang's own hashing, as its KV events show them. */
class SglangBlockHashTest {
  @Test
  void fullPages() {
    assertThat(SglangBlockHash.pages(range(1, 8), 4))
        .containsExactly(-3488128144981237669L, 5674439469042975057L);
  }

  @Test
  void aPartialLastPageHasANameToo() {
    assertThat(SglangBlockHash.pages(range(1, 6), 4))
        .containsExactly(-3488128144981237669L, -3695097030597344193L);
  }

  @Test
  void onePageATokenIsTheEnginesDefault() {
    assertThat(SglangBlockHash.pages(new int[] {0}, 1)).containsExactly(-2360060374177730597L);
  }

  @Test
  void underEagleThePagesArePairsOfTokens() {
    assertThat(SglangBlockHash.bigramPages(range(1, 9), 4))
        .containsExactly(-638950109823820341L, -4369944537645631836L);
    assertThat(SglangBlockHash.bigramPages(range(1, 1), 4)).isEmpty();
  }

  @Test
  void aPageSizeOfNothingIsRefused() {
    assertThatThrownBy(() -> SglangBlockHash.pages(range(1, 6), 0))
        .hasMessage("pageSize: 0 (expected: >= 1)");
  }

  private static int[] range(int first, int last) {
    return IntStream.rangeClosed(first, last).toArray();
  }
}
