package io.baton.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What programmers can get wrong about their records is told at the first read. */
class ShapesTest {
  record Undocumented(int port) {}

  record Odd(@Setting("x") Thread thread) {}

  record OddMap(@Setting("x") Map<Integer, String> map) {}

  record Recursive(@Setting("x") List<Recursive> children) {}

  record TwoDefaults(@Setting(value = "x", def = "1") int port) {
    static TwoDefaults defaults() {
      return new TwoDefaults(2);
    }
  }

  record A(@Setting(value = "x", def = "1") int bC) {}

  record Ab(@Setting(value = "x", def = "1") int c) {}

  record SameVariable(A a, Ab aB) {}

  record WrongDefault(@Setting(value = "x", def = "http") int port) {}

  @Test
  void mistakesInRecordsNameTheComponent() {
    assertThatThrownBy(read(Undocumented.class))
        .hasMessage("Undocumented.port: no @Setting (expected: one)");
    assertThatThrownBy(read(Odd.class))
        .hasMessage("Odd.thread: java.lang.Thread cannot be a setting");
    assertThatThrownBy(read(OddMap.class)).hasMessageEndingWith("cannot be a setting");
    assertThatThrownBy(read(Recursive.class)).hasMessageEndingWith("Recursive contains itself");
    assertThatThrownBy(read(TwoDefaults.class))
        .hasMessage("TwoDefaults.port: def beside defaults() (expected: one of them)");
    assertThatThrownBy(read(SameVariable.class))
        .hasMessageStartingWith("BATON_A_B_C: would set both");
    assertThatThrownBy(read(WrongDefault.class))
        .hasMessageContaining("default: port: http (expected: a whole number)");
  }

  private static <T extends Record> ThrowingCallable read(Class<T> type) {
    return () -> ConfigReader.read(type, Optional.empty(), Map.of(), List.of());
  }
}
