package io.baton.engine.cuda.check;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The results as files: {@code gpu-checks.json} for programs, {@code gpu-checks.md} for people. */
final class CheckReport {
  private CheckReport() {}

  static void write(Path folder, Map<String, String> machine, List<CheckResult> results)
      throws IOException {
    Files.createDirectories(folder);
    var json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    Files.writeString(
        folder.resolve("gpu-checks.json"),
        json.writeValueAsString(Map.of("machine", machine, "results", results)) + "\n");
    Files.writeString(folder.resolve("gpu-checks.md"), markdown(machine, results));
  }

  private static String markdown(Map<String, String> machine, List<CheckResult> results) {
    var text = new StringBuilder("# GPU checks\n\n");
    machine.forEach(
        (key, value) -> text.append("- ").append(key).append(": ").append(value).append('\n'));
    text.append("\n| check | result | ms | figures |\n|---|---|---|---|\n");
    for (CheckResult result : results) {
      String figures =
          result.figures().entrySet().stream()
              .map(figure -> figure.getKey() + " " + figure.getValue())
              .collect(Collectors.joining("; "));
      text.append(
          "| %s: %s | %s | %d | %s |%n"
              .formatted(
                  result.name(), result.promise(), result.outcome(), result.millis(), figures));
    }
    results.stream()
        .filter(result -> !result.message().isEmpty())
        .forEach(result ->
            text.append("\n**%s**\n\n```\n%s\n```\n".formatted(result.name(), result.message())));
    return text.toString();
  }
}
