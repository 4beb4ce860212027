package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.baton.config.TestSettings.Extra;
import io.baton.config.TestSettings.Fleet;
import io.baton.config.TestSettings.Model;
import io.baton.config.TestSettings.Policy;
import io.baton.config.TestSettings.Router;
import io.baton.config.TestSettings.Server;
import io.baton.config.TestSettings.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
  private static final Server SERVER = new Server("127.0.0.1", 8000, 16 << 20, false, 0.5);

  @TempDir Path folder;

  @Test
  void everythingHasItsDefaultWithoutAFile() throws Exception {
    Fleet fleet = ConfigReader.read(Fleet.class, Optional.empty(), Map.of(), List.of()).value();

    assertThat(fleet)
        .isEqualTo(
            new Fleet(
                SERVER,
                Policy.KV,
                Duration.ofSeconds(30),
                List.of("default"),
                List.of(),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void everyTypeIsReadFromTheFile() throws Exception {
    Fleet fleet =
        read("""
        server: {host: "::1", port: 1, max_body: 1.5GB, access_log: true, traced: 1}
        policy: round_robin
        patience: 1.5m
        pools: [a, b]
        models:
          - name: m
            path: /models/m
        labels:
          zone: eu
          rack: 7
        limits: {acme: 5}
        credentials: nats.creds
        """)
            .value();

    assertThat(fleet.server()).isEqualTo(new Server("::1", 1, 1_500_000_000, true, 1));
    assertThat(fleet.policy()).isEqualTo(Policy.ROUND_ROBIN);
    assertThat(fleet.patience()).isEqualTo(Duration.ofSeconds(90));
    assertThat(fleet.pools()).containsExactly("a", "b");
    assertThat(fleet.models()).containsExactly(new Model("m", Path.of("/models/m"), 4096));
    assertThat(fleet.labels()).containsEntry("zone", "eu").containsEntry("rack", "7");
    assertThat(fleet.limits()).containsEntry("acme", 5);
  }

  @Test
  void theEnvironmentOverridesTheFileAndTheCommandLineBoth() throws Exception {
    Loaded<Fleet> loaded =
        read(
            """
            server:
              port: 1
              host: a
            policy: round_robin
            labels: {zone: eu}
            """,
            Map.of("BATON_SERVER_PORT", "2", "BATON_SERVER_HOST", "b"),
            "server.port=3",
            "labels.rack=r1",
            "limits={acme: 9}");

    assertThat(loaded.value().server()).isEqualTo(new Server("b", 3, 16 << 20, false, 0.5));
    assertThat(loaded.value().labels()).isEqualTo(Map.of("zone", "eu", "rack", "r1"));
    assertThat(loaded.value().limits()).isEqualTo(Map.of("acme", 9));
    assertThat(loaded.origins())
        .extractingByKeys("server.port", "server.host", "patience")
        .map(Object::toString)
        .containsExactly("--set server.port", "environment BATON_SERVER_HOST", "default");
    assertThat(loaded.origins().get("policy").toString()).endsWith("fleet.yaml:4:9");
  }

  @Test
  void aVariableGivesAListInYamlOrWithCommas() throws Exception {
    for (String text : List.of("[a, b]", "a, b", "a,b")) {
      assertThat(read("", Map.of("BATON_POOLS", text)).value().pools()).containsExactly("a", "b");
    }
    assertThat(read("", Map.of("BATON_POOLS", "")).value().pools()).isEmpty();
    assertThat(read("", Map.of("BATON_MODELS", "[{name: m, path: /m}]")).value().models())
        .containsExactly(new Model("m", Path.of("/m"), 4096));
  }

  @Test
  void anEmptyVariableTakesAnOptionalValueAway() throws Exception {
    assertThat(read("credentials: x", Map.of("BATON_CREDENTIALS", "")).value().credentials())
        .isEmpty();
  }

  @Test
  void textsFromOutsideTheFileAreTakenAsTheyAre() throws Exception {
    assertThat(read("", Map.of("BATON_SERVER_HOST", "a: [b")).value().server().host())
        .isEqualTo("a: [b");
    assertThat(read("", Map.of(), "server.host=x=y").value().server().host()).isEqualTo("x=y");
  }

  @Test
  void allProblemsAreToldAtOnceEachAtItsPlace() {
    assertThat(
            problems(
                """
                server:
                  prot: 80
                  port: 70000
                  traced: often
                policy: fastest
                patience: 5 minutes
                models:
                  - {name: m}
                labels: [a]
                limits: {acme: 0}
                pools: default
                max_body: 1
                colour: red
                """))
        .containsExactly(
            "12:1: max_body: unknown key (did you mean server.max_body?)",
            "13:1: colour: unknown key (expected: one of server, policy, patience, pools, models,"
                + " labels, limits, credentials, api_key)",
            "2:3: server.prot: unknown key (did you mean port?)",
            "3:9: server.port: 70000 (expected: a whole number from 0 to 65535)",
            "4:11: server.traced: often (expected: a number from 0 to 1)",
            "5:9: policy: fastest (expected: one of kv, round_robin)",
            "6:11: patience: 5 minutes"
                + " (expected: a duration such as 500ms, 2s or 5m from 1ms to 1h)",
            "11:8: pools: default (expected: a list such as [a, b])",
            "8:5: models[0].path: missing (expected: a path)",
            "9:9: labels: a list (expected: a mapping of names to values)",
            "10:16: limits.acme: 0 (expected: a whole number from 1)");
  }

  @Test
  void problemsOutsideTheFileNameTheirPlaceToo() {
    assertThat(problems("", Map.of("BATON_SERVER_PORT", "x"), "polcy=kv", "server.port", "a..b=1"))
        .containsExactly(
            "--set server.port: server.port (expected: key.of.setting=value)",
            "--set a..b: a..b=1 (expected: key.of.setting=value)",
            "--set polcy: polcy: unknown key (did you mean policy?)",
            "environment BATON_SERVER_PORT: server.port: x"
                + " (expected: a whole number from 0 to 65535)");
  }

  @Test
  void aMissingSettingIsToldWhereItsGroupStands() {
    assertThatThrownBy(() -> ConfigReader.read(Worker.class, Optional.empty(), Map.of(), List.of()))
        .hasMessage("1 problem in the configuration:\n  default: id: missing (expected: text)");
  }

  @Test
  void aKeyWithoutValueIsAProblemUnlessItMayBeAbsent() throws Exception {
    assertThat(problems("server:\n  port:\n"))
        .containsExactly("2:3: server.port: no value (expected: a whole number from 0 to 65535)");
    Fleet fleet = read("server:\npools:\nlabels:\ncredentials:\n").value();
    assertThat(fleet.server()).isEqualTo(SERVER);
    assertThat(fleet.pools()).isEmpty();
  }

  @Test
  void brokenYamlIsToldWithItsPlace() {
    assertThat(problems("server: {port: 1"))
        .singleElement()
        .asString()
        .contains("1:17: not YAML: ");
    assertThat(problems("a: 1\n---\nb: 2\n")).singleElement().asString().contains("not YAML");
    assertThat(problems("- a\n"))
        .singleElement()
        .asString()
        .startsWith("1:1: a list (expected: a mapping of keys to values");
  }

  @Test
  void aKeyWrittenTwiceIsAProblem() {
    assertThat(problems("policy: kv\npolicy: kv\n"))
        .singleElement()
        .asString()
        .startsWith("2:1: policy: a second time (expected: once; the first is at ")
        .endsWith("fleet.yaml:1:1)");
  }

  @Test
  void aFileThatUnfoldsWithoutEndIsRefused() {
    StringBuilder laughs = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 30; i++) {
      laughs.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }

    assertThat(problems(laughs.toString())).singleElement().asString().contains("not YAML: ");
    assertThat(problems("a: &a [*a]\n")).anyMatch(p -> p.contains("not YAML: more than"));
  }

  @Test
  void aMissingFileIsToldByName() {
    assertThatThrownBy(() ->
            ConfigReader.read(
                Fleet.class, Optional.of(folder.resolve("none.yaml")), Map.of(), List.of()))
        .hasMessageContaining("none.yaml:1:1: no such file (expected: a YAML file)");
  }

  @Test
  void pathsInAFileBeginWhereTheFileLies() throws Exception {
    assertThat(read("credentials: nats.creds").value().credentials())
        .contains(folder.resolve("nats.creds"));
    assertThat(read("", Map.of("BATON_CREDENTIALS", "nats.creds")).value().credentials())
        .contains(Path.of("nats.creds"));
  }

  @Test
  void aSecretIsReadFromItsFileAndNeverShown() throws Exception {
    Files.writeString(folder.resolve("key"), "s3cret\n");

    Loaded<Fleet> loaded = read("api_key: key");

    assertThat(loaded.value().apiKey().orElseThrow().reveal()).isEqualTo("s3cret");
    assertThat(loaded.show() + loaded.value()).doesNotContain("s3cret");
    assertThat(problems("api_key: none"))
        .singleElement()
        .asString()
        .contains("api_key: " + folder.resolve("none") + " cannot be read")
        .endsWith("(expected: the path of a file that holds the secret)");
  }

  @Test
  void aLibrarysDefaultsNeedNotBeSaidAgain() throws Exception {
    Loaded<Router> loaded =
        ConfigReader.read(
            Router.class, Optional.empty(), Map.of(), List.of("load=1.5", "extra.time=7ms"));

    assertThat(loaded.value())
        .isEqualTo(new Router(2, 1.5, new Extra(List.of("a"), Duration.ofMillis(7))));
    assertThat(loaded.show())
        .isEqualTo(
            """
            hit: 2.0         # default
            load: 1.5        # --set load
            extra.names: [a] # default
            extra.time: 7ms  # --set extra.time
            """
                .replace(" #", "  #"));
  }

  @Test
  void whatARecordsConstructorRefusesIsAProblemAtItsPlace() throws Exception {
    Path file = Files.writeString(folder.resolve("router.yaml"), "hit: 1\nload: 3\n");

    assertThatThrownBy(
            () -> ConfigReader.read(Router.class, Optional.of(file), Map.of(), List.of()))
        .hasMessageEndingWith("router.yaml:1:1: hit: 1.0 (expected: >= load = 3.0)");
  }

  @Test
  void aSectionIsReadOutOfAFileThatOthersShare() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("baton.yaml"), "gateway:\n  policy: round_robin\nworker:\n  id: w\n");

    Loaded<Fleet> loaded =
        ConfigReader.read(
            Fleet.class,
            "gateway",
            Optional.of(file),
            Map.of("BATON_GATEWAY_SERVER_PORT", "1", "BATON_WORKER_SERVER_PORT", "2"),
            List.of("gateway.patience=1s", "worker.id=x"));

    assertThat(loaded.value().policy()).isEqualTo(Policy.ROUND_ROBIN);
    assertThat(loaded.value().server().port()).isEqualTo(1);
    assertThat(loaded.value().patience()).isEqualTo(Duration.ofSeconds(1));
    assertThat(loaded.origins()).containsKey("gateway.server.port");
    assertThat(loaded.unknownVariables()).isEmpty();
  }

  @Test
  void aMisspeltSectionDoesNotGoUnseen() throws Exception {
    Path file = Files.writeString(folder.resolve("baton.yaml"), "gatway:\n  policy: kv\n");

    assertThatThrownBy(
            () -> ConfigReader.read(Fleet.class, "gateway", Optional.of(file), Map.of(), List.of()))
        .hasMessageEndingWith("baton.yaml:1:1: gatway: unknown key (did you mean gateway?)");
  }

  @Test
  void aVariableThatLooksLikeASettingIsToldButMayBeAnothersBusiness() throws Exception {
    Loaded<Fleet> loaded = read("", Map.of("BATON_SERVER_PROT", "1", "BATON_HOME", "/opt/baton"));

    assertThat(loaded.unknownVariables())
        .map(Object::toString)
        .containsExactly(
            "environment BATON_SERVER_PROT: unknown variable (did you mean BATON_SERVER_PORT?)");
    assertThat(loaded.show()).endsWith("(did you mean BATON_SERVER_PORT?)\n");
  }

  @Test
  void effectiveSettingsAreShownOneALine() throws Exception {
    String shown = read("models: [{name: m, path: /m}]\npolicy: round_robin\n").show();

    assertThat(shown.lines())
        .anyMatch(line -> line.matches("server\\.port: 8000 +# default"))
        .anyMatch(line -> line.matches("policy: round_robin +# .*fleet\\.yaml:2:9"))
        .anyMatch(line -> line.matches("models\\[0]\\.name: m +# .*fleet\\.yaml:1:17"))
        .anyMatch(line -> line.matches("patience: 30s +# default"));
  }

  private Loaded<Fleet> read(String yaml) throws Exception {
    return read(yaml, Map.of());
  }

  private Loaded<Fleet> read(String yaml, Map<String, String> environment, String... sets)
      throws Exception {
    Path file = Files.writeString(folder.resolve("fleet.yaml"), yaml);
    return ConfigReader.read(Fleet.class, Optional.of(file), environment, List.of(sets));
  }

  private List<String> problems(String yaml) {
    return problems(yaml, Map.of());
  }

  /** The problems, without the file's name. */
  private List<String> problems(String yaml, Map<String, String> environment, String... sets) {
    ConfigException e =
        catchThrowableOfType(ConfigException.class, () -> read(yaml, environment, sets));
    String file = folder.resolve("fleet.yaml") + ":";
    return e.problems().stream()
        .map(Problem::toString)
        .map(text -> text.startsWith(file) ? text.substring(file.length()) : text)
        .toList();
  }
}
