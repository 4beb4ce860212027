package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
  enum Policy {
    KV,
    ROUND_ROBIN
  }

  record Server(
      @Setting(value = "Where to listen.", def = "127.0.0.1") String host,
      @Setting(value = "Port.", def = "8000", min = 0, max = 65535) int port,
      @Setting(value = "Largest body.", def = "16MiB") long maxBody) {}

  record Model(@Setting("Its name.") String name, @Setting("Its folder.") Path path) {}

  record Fleet(
      Server server,
      @Setting(value = "How to route.", def = "kv") Policy policy,
      @Setting(value = "Longest wait.", def = "30s", min = 1) Duration patience,
      @Setting("Models.") List<Model> models,
      @Setting("Labels.") Map<String, String> labels,
      @Setting("A key's file.") Optional<Path> keyFile) {}

  @TempDir Path folder;

  private Loaded<Fleet> read(String yaml, Map<String, String> environment, String... assignments)
      throws Exception {
    Path file = Files.writeString(folder.resolve("fleet.yaml"), yaml);
    return ConfigReader.read(Fleet.class, Optional.of(file), environment, List.of(assignments));
  }

  @Test
  void everythingHasADefault() throws Exception {
    Fleet fleet = ConfigReader.read(Fleet.class, Optional.empty(), Map.of(), List.of()).value();

    assertThat(fleet)
        .isEqualTo(
            new Fleet(
                new Server("127.0.0.1", 8000, 16 << 20),
                Policy.KV,
                Duration.ofSeconds(30),
                List.of(),
                Map.of(),
                Optional.empty()));
  }

  @Test
  void fileThenEnvironmentThenAssignments() throws Exception {
    var loaded =
        read(
            """
            server:
              port: 1
              host: a
            policy: round_robin
            models:
              - {name: m, path: /models/m}
            """,
            Map.of("BATON_SERVER_PORT", "2", "BATON_SERVER_HOST", "b"),
            "server.port=3",
            "labels={zone: eu}");

    assertThat(loaded.value().server()).isEqualTo(new Server("b", 3, 16 << 20));
    assertThat(loaded.value().models()).containsExactly(new Model("m", Path.of("/models/m")));
    assertThat(loaded.value().labels()).containsEntry("zone", "eu");
    assertThat(loaded.origins().get("server.host").toString())
        .isEqualTo("environment variable BATON_SERVER_HOST");
    assertThat(loaded.origins().get("policy").toString()).endsWith("fleet.yaml:4:9");
    assertThat(loaded.origins().get("patience").toString()).isEqualTo("default");
  }

  @Test
  void everyMistakeIsToldAtItsPlace() {
    assertThatThrownBy(() ->
            read(
                """
                server:
                  prot: 80
                  port: 70000
                policy: fastest
                patience: 5 minutes
                models:
                  - {name: m}
                """,
                Map.of()))
        .isInstanceOf(ConfigException.class)
        .satisfies(e ->
            assertThat(e.getMessage().lines())
                .anyMatch(l ->
                    l.endsWith("fleet.yaml:2:3: server.prot: unknown key (did you mean port?)"))
                .anyMatch(l ->
                    l.endsWith(
                        "fleet.yaml:3:9: server.port: 70000 (expected: a whole number, or a size such as 64MiB from 0 to 65535)"))
                .anyMatch(l ->
                    l.endsWith(
                        "fleet.yaml:4:9: policy: fastest (expected: one of kv, round_robin)"))
                .anyMatch(
                    l -> l.contains("fleet.yaml:5:11: patience: 5 minutes (expected: a duration"))
                .anyMatch(l -> l.contains("fleet.yaml:7:5: models[0].path: missing")));
  }

  @Test
  void brokenYamlIsToldWithItsPlace() {
    assertThatThrownBy(() -> read("server: {port: 1", Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("fleet.yaml:")
        .hasMessageContaining("not valid YAML");
  }

  @Test
  void aMissingFileIsToldByName() {
    assertThatThrownBy(() ->
            ConfigReader.read(
                Fleet.class, Optional.of(folder.resolve("none.yaml")), Map.of(), List.of()))
        .hasMessageContaining("none.yaml: no such file");
  }

  @Test
  void oneTextMayStandForAList() throws Exception {
    record Lists(@Setting("Hosts.") List<String> hosts) {}

    var loaded =
        ConfigReader.read(Lists.class, Optional.empty(), Map.of("BATON_HOSTS", "a, b"), List.of());

    assertThat(loaded.value().hosts()).containsExactly("a", "b");
  }
}
