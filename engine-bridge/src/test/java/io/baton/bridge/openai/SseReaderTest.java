package io.baton.bridge.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseReaderTest {
  private final List<String> events = new ArrayList<>();
  private final SseReader reader =
      new SseReader(1024, data -> events.add(new String(data, StandardCharsets.UTF_8)));

  private void read(String text) {
    reader.read(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void dataOfEachEventIsTold() {
    read("data: {\"a\":1}\n\ndata:[DONE]\n\n");

    assertThat(events).containsExactly("{\"a\":1}", "[DONE]");
  }

  @Test
  void commentsOtherFieldsAndEmptyEventsAreSkipped() {
    read(": keep-alive\n\nevent: x\nid: 7\ndata: y\n\n\n\n");

    assertThat(events).containsExactly("y");
  }

  @Test
  void severalDataLinesAreOneEvent() {
    read("data: a\r\ndata: b\r\n\r\n");

    assertThat(events).containsExactly("a\nb");
  }

  @Test
  void anUnfinishedEventIsNotTold() {
    read("data: a\n");

    assertThat(events).isEmpty();
  }

  @Test
  void anEndlessEventIsRefused() {
    assertThatThrownBy(() -> read("data: " + "x".repeat(2000)))
        .isInstanceOf(SseReader.EventTooLargeException.class)
        .hasMessageContaining("1024");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void theSameEventsComeHoweverTheBytesAreCut(long seed) {
    var random = new SplittableRandom(seed);
    byte[] text =
        "data: Grüße 🌍\r\n\r\n:c\ndata: 2\rdata: 3\r\rdata: x\n\n"
            .getBytes(StandardCharsets.UTF_8);
    int at = 0;
    while (at < text.length) {
      int to = Math.min(text.length, at + 1 + random.nextInt(4));
      reader.read(Arrays.copyOfRange(text, at, to));
      at = to;
    }

    assertThat(events).containsExactly("Grüße 🌍", "2\n3", "x");
  }
}
