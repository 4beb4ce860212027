package io.baton.standalone.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The chart, rendered by Helm itself. */
final class Chart {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String KUBERNETES = "1.34.0";

  private Chart() {}

  static LintResult lint() {
    return new Helm(RepositoryFiles.CHART).lint().strict().call();
  }

  /**
   * The objects of a release named {@code b}.
   *
   * @throws IllegalStateException with Helm's message, if it refuses
   */
  static Rendered render(Path... values) {
    var template =
        new Helm(RepositoryFiles.CHART)
            .template()
            .withName("b")
            .withNamespace("serving")
            .withKubeVersion(KUBERNETES)
            // Else each render has passwords of its own.
            .set("nats.auth.masterPassword", "for-tests");
    for (Path file : values) {
      template.withValuesFile(file);
    }
    return new Rendered(template.call());
  }

  /** As with {@code --values} a file of this text. */
  static Rendered render(Path folder, String values) throws IOException {
    return render(Files.writeString(folder.resolve("values.yaml"), values));
  }

  /** What Helm wrote. */
  record Rendered(String text) {
    List<JsonNode> objects() {
      var load = new Load(LoadSettings.builder().build());
      return StreamSupport.stream(load.loadAllFromString(text).spliterator(), false)
          .filter(Objects::nonNull)
          .<JsonNode>map(JSON::valueToTree)
          .toList();
    }

    List<JsonNode> objects(String kind) {
      return objects().stream().filter(o -> o.path("kind").asText().equals(kind)).toList();
    }

    JsonNode object(String kind, String name) {
      return objects(kind).stream()
          .filter(o -> o.at("/metadata/name").asText().equals(name))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + kind + " " + name + " in\n" + text));
    }
  }
}
