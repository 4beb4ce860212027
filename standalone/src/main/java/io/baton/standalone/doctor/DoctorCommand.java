package io.baton.standalone.doctor;

import io.baton.bridge.server.ControlClient;
import io.baton.bridge.server.ServerAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code baton doctor URL...}. */
@Command(
    name = "doctor",
    description =
        "Looks at engines (SGLang, vLLM, any OpenAI-compatible server) and says what is wrong or could be better; status 1 if something is wrong.",
    mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Parameters(arity = "1..*", paramLabel = "URL", description = "Engines of one fleet.")
  private List<URI> urls = List.of();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Model folder of the gateway, to compare tokenizers.")
  private @Nullable Path model;

  @Override
  public Integer call() {
    var findings = new ArrayList<Finding>();
    var fleet = new ArrayList<EngineDoctor.Facts>();
    for (URI url : urls) {
      var address = new ServerAddress(url, 1, PATIENCE, PATIENCE, PATIENCE, Optional.empty());
      try (var control = new ControlClient(address)) {
        EngineDoctor.look(control, Optional.ofNullable(model), findings).ifPresent(fleet::add);
      }
    }
    FleetDoctor.compare(fleet, findings);
    fleet.forEach(f ->
        System.out.printf(
            "%s: %s, model %s, blocks of %d tokens, role %s%n",
            f.url(), f.kind(), f.model(), f.blockSize(), f.role()));
    findings.forEach(System.out::println);
    if (findings.isEmpty()) {
      System.out.println("nothing to say");
    }
    boolean wrong = findings.stream().anyMatch(f -> f.severity() == Finding.Severity.WRONG);
    return wrong ? 1 : 0;
  }
}
