package io.baton.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.baton.agent.WorkerSettings;
import io.baton.config.ConfigException;
import io.baton.config.ConfigReader;
import io.baton.gateway.GatewaySettings;
import io.baton.standalone.deploy.Chart.Rendered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Promises of the Helm chart. */
class ChartTest {
  @TempDir Path folder;

  static Stream<Path> valueFiles() {
    return Stream.concat(
        Stream.of(RepositoryFiles.CHART.resolve("values.yaml")),
        RepositoryFiles.in(RepositoryFiles.ROOT.resolve("helm/examples"), ".yaml").stream());
  }

  @Test
  void helmFindsNothingToSay() {
    var result = Chart.lint();
    assertThat(result.isFailed()).as(() -> result.getMessages().toString()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("valueFiles")
  void everyProcessCanReadTheSettingsThatItIsGiven(Path values) throws Exception {
    List<JsonNode> maps =
        Chart.render(values).objects("ConfigMap").stream()
            .filter(map -> map.path("data").has("baton.yaml"))
            .toList();
    assertThat(maps).hasSizeGreaterThanOrEqualTo(2);
    for (JsonNode map : maps) {
      String yaml = map.at("/data/baton.yaml").asText();
      if (map.at("/metadata/labels").has("baton.io/worker-pool")) {
        readAsWorker(yaml);
      } else {
        ConfigReader.read(GatewaySettings.class, file(yaml), Map.of(), List.of());
      }
    }
  }

  /**
   * The cuda engine comes with an image of its own; where this build has none, the rest of the file
   * is read.
   */
  private void readAsWorker(String yaml) throws IOException, ConfigException {
    try {
      ConfigReader.read(WorkerSettings.class, file(yaml), Map.of(), List.of());
    } catch (ConfigException e) {
      assertThat(e.problems()).as(yaml).hasSize(1);
      assertThat(e).hasMessageContaining("engine: cuda");
      var _ =
          ConfigReader.read(
              WorkerSettings.class,
              file(yaml.replace("engine: cuda", "engine: cpu")),
              Map.of(),
              List.of());
    }
  }

  /** With the secrets that a pod finds mounted. */
  private Optional<Path> file(String yaml) throws IOException {
    for (String secret : List.of("nats/password", "admin/admin-key")) {
      Path file = folder.resolve("run").resolve(secret);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "secret-of-a-test");
    }
    return Optional.of(
        Files.writeString(
            folder.resolve("baton.yaml"),
            yaml.replace("/run/baton/", folder.resolve("run") + "/")));
  }

  @ParameterizedTest
  @MethodSource("valueFiles")
  void everyPodIsConfined(Path values) {
    Rendered rendered = Chart.render(values);
    Stream.of("Deployment", "StatefulSet")
        .flatMap(k -> rendered.objects(k).stream())
        .forEach(this::isConfined);
  }

  private void isConfined(JsonNode owner) {
    String name = owner.at("/metadata/name").asText();
    JsonNode pod = owner.at("/spec/template/spec");
    assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).as(name).isFalse();
    assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    for (JsonNode container : pod.path("containers")) {
      JsonNode security = container.path("securityContext");
      assertThat(security.path("runAsNonRoot").asBoolean()).as(name).isTrue();
      assertThat(security.path("readOnlyRootFilesystem").asBoolean()).as(name).isTrue();
      assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).as(name).isFalse();
      assertThat(security.at("/capabilities/drop/0").asText()).as(name).isEqualTo("ALL");
      assertThat(container.at("/resources/limits").has("memory")).as(name).isTrue();
      for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
        assertThat(container.has(probe)).as(name + " " + probe).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("valueFiles")
  void noPodIsKilledBeforeItsLongestStreamHasEnded(Path values) throws Exception {
    Rendered rendered = Chart.render(values);
    JsonNode gateway = rendered.object("Deployment", "b-baton-gateway").at("/spec/template/spec");
    String yaml = rendered.object("ConfigMap", "b-baton-gateway").at("/data/baton.yaml").asText();
    GatewaySettings settings =
        ConfigReader.read(GatewaySettings.class, file(yaml), Map.of(), List.of()).value();
    assertThat(gateway.path("terminationGracePeriodSeconds").asLong())
        .isGreaterThan(
            gateway.at("/containers/0/lifecycle/preStop/sleep/seconds").asLong()
                + settings.limits().drainTimeout().toSeconds());
  }

  @Test
  void aWorkerIsItsPodWithAUserAndAPasswordOfItsOwn() {
    Rendered rendered = Chart.render();
    JsonNode worker =
        rendered.object("StatefulSet", "b-baton-aggregated").at("/spec/template/spec/containers/0");
    assertThat(worker.at("/env/0/name").asText()).isEqualTo("BATON_ID");
    assertThat(worker.at("/env/0/valueFrom/fieldRef/fieldPath").asText())
        .isEqualTo("metadata.name");
    JsonNode mount =
        worker
            .path("volumeMounts")
            .valueStream()
            .filter(m -> m.path("name").asText().equals("nats"))
            .findFirst()
            .orElseThrow();
    assertThat(mount.path("subPathExpr").asText()).isEqualTo("$(BATON_ID)");
    JsonNode passwords = rendered.object("Secret", "b-baton-nats-passwords").path("stringData");
    assertThat(passwords.path("b-baton-aggregated-0").asText())
        .hasSize(40)
        .isNotEqualTo(passwords.path("gateway").asText());
  }

  /** The chart's rights and the template's are one: same subjects, with this release's names. */
  @Test
  void rightsOnTheBrokerAreThoseOfTheTemplate() {
    String rendered =
        Chart.render().object("Secret", "b-baton-nats-conf").at("/stringData/nats.conf").asText();
    String template = RepositoryFiles.read(RepositoryFiles.ROOT.resolve("deploy/nats/rights.conf"));
    String oneWorker = template.substring(0, template.indexOf("{user: worker-2"));
    assertThat(subjects(rendered))
        .isEqualTo(
            subjects(
                oneWorker
                    .replace("reply.gateway-1_kv.*", "reply.*.*")
                    .replace("gateway-1", "*")
                    .replace("worker-1", "b-baton-aggregated-0")));
  }

  private static List<String> subjects(String conf) {
    return java.util.regex.Pattern.compile("\"(baton\\.[^\"]+)\"")
        .matcher(conf)
        .results()
        .map(r -> r.group(1))
        .distinct()
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gateway: {replicas: many} | /gateway/replicas",
        "gateway: {repicas: 2} | repicas",
        "gateway: {admin: {enabled: true}} | /gateway/admin/existingSecret",
        "tracing: {level: 4} | /tracing/level",
        "workers: [] | /workers",
        "workers: [{name: a, engine: gpu}] | /workers/0/engine",
        "workers: [{name: A_, engine: sim}] | /workers/0/name",
        "workers: [{name: a, engine: vllm}] | server",
        "workers: [{name: a, engine: cuda, modelPath: /m}] | gpu",
        "workers: [{name: a, engine: cpu}] | modelPath",
        "workers: [{name: a, engine: sim, serverUrl: 'http://x'}] | /workers/0/serverUrl",
        "workers: [{name: a, engine: sim, role: prefill}] | where nobody decodes",
        "workers: [{name: a, engine: sim, role: decode}] | where nobody does prefill",
        "workers: [{name: a, engine: sim}, {name: a, engine: sim}] | is used twice",
        "workers: [{name: a, engine: sim, replicas: 4, maxReplicas: 2}] | below replicas",
        "workers: [{name: a, engine: sim, config: {id: x}}] | id is the pod's name",
        "workers: [{name: a, engine: vllm, server: {image: vllm, port: 1}}] | /workers/0/server/image",
        "nats: {enabled: false} | /nats/external/servers",
        "ingress: {enabled: true} | /ingress/hosts",
        "httpRoute: {enabled: true} | /httpRoute/parentRefs",
        "gateway: {autoscaling: {enabled: true, minReplicas: 5, maxReplicas: 2}} | below minReplicas",
        "gateway: {config: {pools: [a]}} | gateway.config.pools"
      })
  void valuesThatMakeNoSenseAreRefusedByName(String values, String told) {
    assertThatThrownBy(() -> Chart.render(folder, values)).hasMessageContaining(told);
  }

  @Test
  void dashboardsAndAlertsAreThoseOfTheObservabilityFiles() {
    Path kept = RepositoryFiles.ROOT.resolve("deploy/observability");
    List<Path> boards = RepositoryFiles.in(kept.resolve("dashboards"), ".json");
    List<Path> packed = RepositoryFiles.in(RepositoryFiles.CHART.resolve("dashboards"), ".json");
    assertThat(packed.stream().map(Path::getFileName))
        .as("helm/pack")
        .isEqualTo(boards.stream().map(Path::getFileName).toList());
    for (int i = 0; i < boards.size(); i++) {
      assertThat(packed.get(i)).as("run helm/pack").hasSameTextualContentAs(boards.get(i));
    }
    assertThat(RepositoryFiles.CHART.resolve("rules/alerts.yml"))
        .as("run helm/pack")
        .hasSameTextualContentAs(kept.resolve("prometheus/alerts.yml"));
  }

  /** Reviewed by people when it changes: BATON_UPDATE_GOLDEN=1 writes it anew. */
  @Test
  void theDefaultRenderIsTheOneThatWasReviewed() throws IOException {
    Path golden = Path.of("src/test/resources/deploy/default.yaml");
    String rendered = Chart.render().text().strip() + "\n";
    if (System.getenv().containsKey("BATON_UPDATE_GOLDEN")) {
      Files.createDirectories(golden.getParent());
      Files.writeString(golden, rendered);
    }
    assertThat(rendered).isEqualTo(RepositoryFiles.read(golden));
  }
}
