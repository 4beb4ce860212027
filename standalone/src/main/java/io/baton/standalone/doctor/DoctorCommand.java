package io.baton.standalone.doctor;

import java.net.URI;
import java.nio.file.Path;
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
        "Looks at a gateway with its workers, or at engines (SGLang, vLLM, any OpenAI-compatible server), and says what is wrong or could be better; status 1 if something is wrong.",
    mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "URL",
      description = "A gateway, engines of one fleet, or both.")
  private List<URI> urls = List.of();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Model folder of the gateway, to compare tokenizers.")
  private @Nullable Path model;

  @Override
  public Integer call() {
    Doctor.Report report = Doctor.examine(urls, Optional.ofNullable(model));
    List<Finding> findings = report.findings();
    report
        .engines()
        .forEach(f ->
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
