package io.baton.standalone.trace;

import io.baton.telemetry.record.OtlpJson;
import io.baton.telemetry.record.SpanRecord;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a trace comes from: one of a gateway, a file of OTLP JSON, Tempo, Jaeger. */
final class TraceSource {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Option(
      names = "--gateway",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8001",
      description = "A gateway's admin server (default: ${DEFAULT-VALUE}).")
  private String gateway = "";

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "File with the gateway's admin key.")
  private @Nullable Path keyFile;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "OTLP JSON instead, one object per line or one in all.")
  private @Nullable Path file;

  @Option(
      names = "--tempo",
      paramLabel = "URL",
      description = "Tempo instead, such as http://127.0.0.1:3200.")
  private @Nullable String tempo;

  @Option(
      names = "--jaeger",
      paramLabel = "URL",
      description = "Jaeger instead, such as http://127.0.0.1:16686.")
  private @Nullable String jaeger;

  /**
   * All spans of the named traces.
   *
   * @throws IOException if it cannot be reached or has no such trace, saying what to do
   */
  List<SpanRecord> spans(List<String> ids) throws IOException {
    Path from = file;
    if (from != null) {
      return fromFile(from, ids);
    }
    var spans = new ArrayList<SpanRecord>();
    for (String id : ids) {
      spans.addAll(OtlpJson.read(get(urlOf(id))));
    }
    return spans;
  }

  /** Whether there need be no id: a file may hold one trace, or be wanted whole. */
  boolean isFile() {
    return file != null;
  }

  private String urlOf(String id) {
    if (tempo != null) {
      return tempo + "/api/v2/traces/" + id;
    }
    return jaeger != null
        ? jaeger + "/api/v3/traces/" + id
        : gateway + "/v1/traces/" + id + "?format=otlp";
  }

  private static List<SpanRecord> fromFile(Path file, List<String> ids) throws IOException {
    var spans = new ArrayList<SpanRecord>();
    String text = Files.readString(file);
    try (Stream<String> lines = text.lines()) {
      // One object per line, as exporters write; or one that was laid out for people.
      boolean perLine = text.lines().filter(l -> !l.isBlank()).allMatch(l -> l.startsWith("{\""));
      Stream<String> objects = perLine ? lines.filter(l -> !l.isBlank()) : Stream.of(text);
      objects.map(OtlpJson::read).forEach(spans::addAll);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    Optional<String> missing =
        ids.stream()
            .filter(id -> spans.stream().noneMatch(s -> s.traceId().equals(id)))
            .findFirst();
    if (missing.isPresent()) {
      throw new IOException(file + ": no span of trace " + missing.get() + " in it");
    }
    spans.removeIf(span -> !ids.isEmpty() && !ids.contains(span.traceId()));
    return spans;
  }

  private String get(String url) throws IOException {
    var request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(PATIENCE)
            .header("accept", "application/json");
    Path key = keyFile;
    if (key != null) {
      request.header("authorization", "Bearer " + Files.readString(key).strip());
    }
    try (var client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IOException(url + " answers " + response.statusCode() + ": " + response.body());
      }
      return response.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (java.net.ConnectException e) {
      throw new IOException(
          url + " cannot be reached. Is admin.port set at the gateway, and is it that?", e);
    }
  }

  /** Groups by trace id, in the order in which traces come. */
  static <T> List<T> byTrace(List<SpanRecord> spans, Function<List<SpanRecord>, T> make) {
    return spans.stream()
        .map(SpanRecord::traceId)
        .distinct()
        .map(id -> make.apply(spans.stream().filter(s -> s.traceId().equals(id)).toList()))
        .toList();
  }
}
