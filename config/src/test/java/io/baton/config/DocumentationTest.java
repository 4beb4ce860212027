package io.baton.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.baton.config.TestSettings.Fleet;
import io.baton.config.TestSettings.Router;
import io.baton.config.TestSettings.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reference page and JSON Schema say what the reader does. */
class DocumentationTest {
  private static final List<Section> WHOLE = List.of(new Section("", Fleet.class));
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  /** Lines of a file; of each setting good and bad ones. */
  private static final List<String> SERVER_LINES =
      List.of(
          "host: a",
          "port: 1",
          "port: 70000",
          "port: x",
          "max_body: 5",
          "max_body: 64KiB",
          "max_body: 0",
          "max_body: big",
          "access_log: true",
          "access_log: 3",
          "traced: 0.5",
          "traced: 2",
          "host: [a]",
          "host: 8",
          "port:",
          "prot: 1");

  private static final List<String> TOP_LINES =
      List.of(
          "policy: kv",
          "policy: round_robin",
          "policy: KV",
          "policy: 1",
          "patience: 30s",
          "patience: 5",
          "patience: soon",
          "pools: [a, b]",
          "pools: a",
          "pools:",
          "pools: []",
          "models: [{name: m, path: /m}]",
          "models: [{name: m}]",
          "models: [{}]",
          "models: [{name: m, path: /m, size: 1}]",
          "labels: {a: b, c: 4}",
          "labels: {a: {}}",
          "labels: {a: }",
          "limits: {a: 3}",
          "limits: {a: 0}",
          "limits: {a: b}",
          "credentials: x",
          "credentials:",
          "credentials: [x]",
          "colour: red",
          "server:");

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void theSchemaAcceptsWhatTheReaderAccepts(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    var schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(JsonSchema.of(WHOLE));
    int accepted = 0;
    for (int i = 0; i < 300; i++) {
      String yaml = yaml(random);
      boolean valid = schema.validate(json(yaml)).isEmpty();

      assertThat(valid).as(yaml).isEqualTo(isReadable(yaml));
      accepted += valid ? 1 : 0;
    }
    assertThat(accepted).isBetween(20, 280);
  }

  @Test
  void aRequiredSettingIsRequiredInItsGroupsToo() throws Exception {
    JsonNode schema =
        JSON.readTree(
            JsonSchema.of(
                List.of(new Section("worker", Worker.class), new Section("router", Router.class))));

    assertThat(schema.at("/additionalProperties").asBoolean()).isFalse();
    assertThat(schema.at("/properties/worker/required/0").asText()).isEqualTo("id");
    assertThat(schema.at("/properties/worker/properties/id/description").asText())
        .isEqualTo("Its name. Value: text.");
    assertThat(schema.at("/properties/router").has("required")).isFalse();
    assertThat(schema.at("/properties/router/properties/extra/properties/time/default").asText())
        .isEqualTo("5ms");
  }

  @Test
  void theReferencePageHasARowForEverySetting() {
    assertThat(ReferencePage.of(Map.of("Gateway", new Section("gateway", Fleet.class))).lines())
        .contains(
            "## Gateway",
            "| `gateway.server.port` | a whole number from 0 to 65535 | `8000` | Port. |"
                + " `BATON_GATEWAY_SERVER_PORT` |",
            "| `gateway.server.max_body` | a whole number, or a size such as 64MiB from 1 (bytes) |"
                + " `16MiB` | Largest body. | `BATON_GATEWAY_SERVER_MAX_BODY` |",
            "| `gateway.models` | list of: settings |  | Models. | `BATON_GATEWAY_MODELS` |",
            "| `gateway.models[].name` | text | required | Its name. | |",
            "| `gateway.models[].context` | a whole number from 1 (tokens) | `4096` |"
                + " Longest context. | |",
            "| `gateway.limits` | mapping of names to: a whole number from 1 |  |"
                + " Requests at once, by tenant. | `BATON_GATEWAY_LIMITS` |");
    assertThat(ReferencePage.of(Map.of("Router", new Section("", Router.class))))
        .contains("| `extra.time` | a duration such as 500ms, 2s or 5m | `5ms` |");
  }

  private static String yaml(SplittableRandom random) {
    StringBuilder yaml = new StringBuilder();
    Map<String, String> lines = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      put(lines, TOP_LINES.get(random.nextInt(TOP_LINES.size())));
    }
    Map<String, String> server = new LinkedHashMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      put(server, SERVER_LINES.get(random.nextInt(SERVER_LINES.size())));
    }
    if (!server.isEmpty()) {
      lines.remove("server");
      yaml.append("server:\n");
      server.values().forEach(line -> yaml.append("  ").append(line).append('\n'));
    }
    lines.values().forEach(line -> yaml.append(line).append('\n'));
    return yaml.toString();
  }

  private static void put(Map<String, String> lines, String line) {
    lines.put(line.substring(0, line.indexOf(':')), line);
  }

  private static JsonNode json(String yaml) {
    Object value = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return value == null ? JSON.createObjectNode() : JSON.valueToTree(value);
  }

  private boolean isReadable(String yaml) throws Exception {
    Path file = Files.writeString(folder.resolve("fleet.yaml"), yaml);
    try {
      ConfigReader.read(Fleet.class, Optional.of(file), Map.of(), List.of());
      return true;
    } catch (ConfigException e) {
      return false;
    }
  }
}
