package io.baton.standalone.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.baton.config.ConfigException;
import io.baton.config.Loaded;
import io.baton.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final String GATEWAY =
      """
      id: gateway-1
      namespace: default
      pools: [default, big]
      server:
        host: 0.0.0.0
        port: 8000
        max_body: 16MiB
      nats:
        servers: [nats://nats:4222]
      models:
        - name: baton-demo
          path: /models/baton-demo
      router:
        policy: kv
      limits:
        request_timeout: 10m
        max_attempts: 3
      trace:
        level: 2
      """;

  @TempDir Path folder;

  @Test
  void theReferencePageSaysWhatTheRecordsSay() throws IOException {
    assertThat(Files.readString(ROOT.resolve("docs/configuration.md")))
        .as("write it anew with: ./baton config reference > docs/configuration.md")
        .isEqualTo(ConfigCommand.page());
  }

  @Test
  void theFileOfTheExamplesCanBeUsed() throws Exception {
    assertThat(read(GATEWAY).settings()).isNotEmpty();
  }

  @Test
  void everyBrokenFileIsRefusedWithItsPlace() throws IOException {
    var random = new SplittableRandom(20261127);
    for (int i = 0; i < 200; i++) {
      String broken = broken(random, i);
      var refused = catchThrowableOfType(ConfigException.class, () -> read(broken));
      assertThat(refused).as(broken).isNotNull();
      for (Problem problem : refused.problems()) {
        assertThat(problem.toString()).as(broken).matches("(?s).*gateway\\.yaml:\\d+:\\d+: .+");
        assertThat(problem.origin().line())
            .as(broken)
            .isBetween(1, (int) broken.lines().count() + 1);
      }
      assertThat(refused.getMessage()).doesNotContain("Exception").doesNotContain("\tat ");
    }
  }

  @Test
  void aMisspeltKeyIsToldWithItsNearestOne() {
    var refused =
        catchThrowableOfType(
            ConfigException.class, () -> read(GATEWAY.replace("max_attempts", "max_atempts")));
    assertThat(refused).hasMessageContaining("did you mean").hasMessageContaining("max_attempts");
  }

  private Loaded<?> read(String text) throws IOException, ConfigException {
    Path file = Files.writeString(folder.resolve("gateway.yaml"), text);
    return ProcessKind.GATEWAY.read(Optional.of(file), Map.of(), List.of());
  }

  /** One line of the good file made wrong, in one of the ways in which people do it. */
  private static String broken(SplittableRandom random, int turn) {
    List<String> lines = new ArrayList<>(GATEWAY.lines().toList());
    List<Integer> settings = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).matches(".*: .+")) {
        settings.add(i);
      }
    }
    int at = settings.get(random.nextInt(settings.size()));
    String line = lines.get(at);
    String key = line.substring(0, line.indexOf(':'));
    switch (turn % 6) {
      case 0 -> lines.set(at, line.replaceFirst("(\\w+):", "$1x" + random.nextInt(100) + ":"));
      case 1 -> lines.set(at, key + ": {a: {b: [1]}}");
      case 2 -> lines.set(settingOf(lines, "port"), "  port: " + (70_000 + random.nextInt(1000)));
      case 3 -> lines.set(settingOf(lines, "request_timeout"), "  request_timeout: soon");
      case 4 -> lines.set(at, key + ": [" + random.nextInt(100));
      default -> lines.add(random.nextInt(lines.size()), "colour" + random.nextInt(100) + ": red");
    }
    return String.join("\n", lines) + "\n";
  }

  private static int settingOf(List<String> lines, String key) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().startsWith(key + ":")) {
        return i;
      }
    }
    throw new IllegalArgumentException(key);
  }
}
