package io.baton.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.testkit.BatonProcess;
import io.baton.testkit.Broker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Promises of docker-compose.yml: what is in it, and that its processes work together. */
class ComposeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FILES = RepositoryFiles.ROOT.resolve("deploy/compose");

  @Test
  void everyServiceHasAPinnedImageAHealthCheckAndLimits() {
    JsonNode compose = yaml(RepositoryFiles.ROOT.resolve("docker-compose.yml"));
    assertThat(compose.path("services").propertyStream().map(Map.Entry::getKey))
        .contains(
            "nats", "gateway", "prefill", "decode", "cuda-prefill", "sglang-worker", "vllm-worker");
    compose.path("services").propertyStream().forEach(e -> isCareful(e.getKey(), e.getValue()));
  }

  private static void isCareful(String name, JsonNode service) {
    String image = service.path("image").asText();
    assertThat(image).as(name).matches(".+:(v?[0-9][^:]*|\\$\\{BATON_TAG:-[0-9.]+})");
    assertThat(service.at("/healthcheck/test").size()).as(name + ": healthcheck").isPositive();
    assertThat(service.at("/deploy/resources/limits").has("memory")).as(name).isTrue();
    assertThat(service.at("/deploy/resources/limits").has("cpus")).as(name).isTrue();
    service
        .path("ports")
        .forEach(port -> assertThat(port.asText()).as(name).startsWith("127.0.0.1:"));
    service
        .path("depends_on")
        .forEach(
            d -> assertThat(d.path("condition").asText()).as(name).isEqualTo("service_healthy"));
  }

  @Test
  void everyFileThatIsMountedIsThere() {
    JsonNode compose = yaml(RepositoryFiles.ROOT.resolve("docker-compose.yml"));
    for (JsonNode service : compose.path("services")) {
      for (JsonNode volume : service.path("volumes")) {
        if (volume.asText().startsWith("./")) {
          assertThat(RepositoryFiles.ROOT.resolve(volume.asText().split(":")[0])).exists();
        }
      }
    }
    for (JsonNode file : compose.at("/include/0/path")) {
      assertThat(RepositoryFiles.ROOT.resolve(file.asText())).exists();
    }
  }

  /** The files as they are; only hosts, ports and paths are this machine's. */
  @Test
  void theTopologyAnswersAsPlainProcesses() throws Exception {
    int port = Http.freePort();
    try (Broker broker =
            Broker.start(
                RepositoryFiles.read(FILES.resolve("nats.conf"))
                    .replaceAll("(?m)^(http_)?port: .*$", ""));
        var prefill =
            start(
                broker,
                "worker",
                "prefill",
                Map.of(
                    "BATON_BUILTIN_DATA_HOST",
                    "127.0.0.1",
                    "BATON_BUILTIN_DATA_PORT",
                    "0",
                    "BATON_BUILTIN_DATA_ADVERTISED_HOST",
                    "127.0.0.1"));
        var decode =
            start(
                broker,
                "worker",
                "decode",
                Map.of("BATON_BUILTIN_DATA_ADVERTISED_HOST", "127.0.0.1"));
        var gateway =
            start(
                broker,
                "gateway",
                "gateway",
                Map.of(
                    "BATON_SERVER_HOST",
                    "127.0.0.1",
                    "BATON_SERVER_PORT",
                    Integer.toString(port)))) {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(Http.status(port, "/ready") == 200 && Http.routableWorkers(port) == 2)
                  .as(() -> prefill.output() + decode.output() + gateway.output())
                  .isTrue());
      var answer =
          Http.post(
              port,
              "/v1/chat/completions",
              "{\"model\": \"baton-demo\", \"max_tokens\": 4, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}");
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.headers().firstValue("x-trace-id").orElseThrow()).matches("[0-9a-f]{32}");
      assertThat(JSON.readTree(answer.body()).at("/usage/completion_tokens").asInt()).isPositive();
    }
  }

  private static BatonProcess start(
      Broker broker, String command, String file, Map<String, String> host) throws Exception {
    var environment = new HashMap<>(host);
    environment.put("BATON_NATS_SERVERS", broker.url());
    if (command.equals("gateway")) {
      environment.put(
          "BATON_MODELS", "[{name: baton-demo, path: '" + RepositoryFiles.MODEL + "'}]");
    } else {
      environment.put("BATON_BUILTIN_MODEL_PATH", RepositoryFiles.MODEL.toString());
      environment.put("BATON_SYSTEM_HOST", "127.0.0.1");
      environment.put("BATON_SYSTEM_PORT", "0");
    }
    return BatonProcess.start(
        file, environment, List.of(command, "--config", FILES.resolve(file + ".yaml").toString()));
  }

  private static JsonNode yaml(Path file) {
    var settings = LoadSettings.builder().setMaxAliasesForCollections(200).build();
    return merged(JSON.valueToTree(new Load(settings).loadFromString(RepositoryFiles.read(file))));
  }

  /** YAML 1.2 knows no merge key, Compose does. */
  private static JsonNode merged(JsonNode node) {
    if (node.isObject()) {
      var out = JSON.createObjectNode();
      if (node.path("<<").isObject()) {
        out.setAll((com.fasterxml.jackson.databind.node.ObjectNode) merged(node.path("<<")));
      }
      node.propertyStream()
          .filter(e -> !e.getKey().equals("<<"))
          .forEach(e -> out.set(e.getKey(), merged(e.getValue())));
      return out;
    }
    if (node.isArray()) {
      var out = JSON.createArrayNode();
      node.forEach(n -> out.add(merged(n)));
      return out;
    }
    return node;
  }
}
