package io.baton.gateway;

import io.baton.config.Secret;
import io.baton.config.Setting;
import io.baton.gateway.admin.AdminServer;
import io.baton.gateway.admission.Admission;
import io.baton.gateway.api.ApiSettings;
import io.baton.gateway.fleet.ModelCatalog;
import io.baton.gateway.fleet.RoutingSettings;
import io.baton.gateway.http.TlsFiles;
import io.baton.gateway.relay.Relay;
import io.baton.gateway.relay.TimeLimits;
import io.baton.gateway.trace.TraceSettings;
import io.baton.gateway.usage.AccessLog;
import io.baton.prompt.reasoning.ReasoningFamily;
import io.baton.prompt.tools.ToolFamily;
import io.baton.proto.Subjects;
import io.baton.transport.NatsSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Everything that can be set about a gateway. */
public record GatewaySettings(
    @Setting(
            value = "Name of this gateway among its replicas: letters, digits, _ and -.",
            def = "gateway")
        String id,
    @Setting(value = "Separates fleets that share a broker.", def = "default") String namespace,
    @Setting(value = "Pools of workers to route to.", def = "[default]") List<String> pools,
    Server server,
    Auth auth,
    NatsSettings nats,
    @Setting("Models whose prompts are read here: all of the `tokens` form.") List<Model> models,
    RoutingSettings router,
    Limits limits,
    Waiting admission,
    Admin admin,
    AccessLog.Settings accessLog,
    TraceSettings trace) {

  public GatewaySettings {
    Subjects.requireToken("id", id);
    Subjects.requireToken("namespace", namespace);
    pools.forEach(pool -> Subjects.requireToken("pools", pool));
  }

  /** What holds for each request, and may change while the gateway runs. */
  Relay.Settings toRelaySettings() {
    return new Relay.Settings(
        limits.times(),
        limits.modelTimes(),
        limits.maxAttempts(),
        limits.retryRatio(),
        limits.retryReserve(),
        limits.migration(),
        limits.stallTimeout(),
        apiSettings());
  }

  /** The public HTTP server. */
  public record Server(
      @Setting(value = "Address to listen on.", def = "127.0.0.1") String host,
      @Setting(value = "Port to listen on; 0 takes a free one.", def = "8000", min = 0, max = 65535)
          int port,
      @Setting(value = "Largest request body; beyond it 413.", def = "16MiB", min = 1024)
          long maxBody,
      @Setting(value = "Event loops; 0 is one per processor.", def = "0", min = 0, max = 256)
          int eventLoops,
      @Setting(value = "Parameters that no endpoint knows: ignore or reject.", def = "ignore")
          UnknownParameters unknownParameters,
      @Setting(
              value = "Silence of an event stream before a comment keeps it alive; 0 is never.",
              def = "15s",
              min = 0)
          Duration sseKeepAlive,
      @Setting(
              value = "Member of chat messages that reasoning is put into.",
              def = "reasoning_content")
          String reasoningField,
      @Setting(value = "Longest wait for a request's whole body.", def = "60s", min = 1)
          Duration bodyTimeout,
      @Setting(
              value =
                  "From a connection's opening until a request's headers are complete; holds with TLS, or without http2_clear_text.",
              def = "30s",
              min = 1)
          Duration headerTimeout,
      @Setting(value = "Whether HTTP/2 is spoken without TLS too, beside HTTP/1.1.", def = "true")
          boolean http2ClearText,
      @Setting(value = "Longest wait for the next request on a connection.", def = "2m", min = 1)
          Duration idleTimeout,
      @Setting(value = "Bytes of a request's headers.", def = "32768", min = 1024, max = 1048576)
          int maxHeader,
      @Setting(
              value =
                  "Whether /ready fails whenever no model can be served; if not, only until the first"
                      + " could be, while the broker is away and while draining.",
              def = "false")
          boolean strictReadiness,
      @Setting("Origins whose browsers may use the gateway; * is all, empty is none.")
          List<String> corsOrigins,
      Tls tls) {}

  /** What to do with parameters that no endpoint knows. */
  public enum UnknownParameters {
    IGNORE,
    REJECT
  }

  ApiSettings apiSettings() {
    return new ApiSettings(
        server.unknownParameters() == UnknownParameters.REJECT,
        limits.maxChoices(),
        limits.maxPromptTokens(),
        limits.maxAnswerTokens(),
        server.sseKeepAlive(),
        server.reasoningField());
  }

  /** HTTPS; both files are read again when they change. */
  public record Tls(
      @Setting("PEM file with the server's certificate and its chain; empty: plain HTTP.")
          Optional<Path> certificateFile,
      @Setting("PEM file with its private key.") Optional<Path> keyFile) {
    public Tls {
      if (certificateFile.isPresent() != keyFile.isPresent()) {
        throw new IllegalArgumentException(
            "certificate_file and key_file belong together (expected: both or neither)");
      }
    }

    Optional<TlsFiles> toFiles() {
      return certificateFile.isPresent() && keyFile.isPresent()
          ? Optional.of(new TlsFiles(certificateFile.get(), keyFile.get()))
          : Optional.empty();
    }
  }

  /** Who may ask. */
  public record Auth(
      @Setting(
              "File with the hashes of valid keys; empty: everybody may ask. Read again on change.")
          Optional<Path> keysFile,
      @Setting(
              value = "Keys with metrics of their own; those of all others are counted together.",
              def = "100",
              min = 0,
              max = 10_000)
          int keyLabels) {}

  /** A model. */
  public record Model(
      @Setting("Name under which clients ask for it.") String name,
      @Setting("Folder with tokenizer.json and the chat template.") Path path,
      @Setting(
              value =
                  "How it writes tool calls: auto (by its chat template), none, hermes, qwen3_coder, llama3_json,"
                      + " llama4_pythonic, mistral, deepseek_v3, deepseek_v3_1, kimi_k2, glm45, harmony.",
              def = "auto")
          String toolParser,
      @Setting(
              value =
                  "How it marks reasoning: auto (by its chat template), none, think, seed, magistral, kimi_vl.",
              def = "auto")
          String reasoningParser,
      @Setting("Further names under which clients may ask for it.") List<String> aliases,
      @Setting(value = "Who /v1/models says owns it.", def = "baton") String owner) {
    ModelCatalog.Entry toEntry() {
      return new ModelCatalog.Entry(
          name,
          path,
          toolParser.equals("auto")
              ? Optional.empty()
              : Optional.of(word(ToolFamily.class, "tool_parser", toolParser)),
          reasoningParser.equals("auto")
              ? Optional.empty()
              : Optional.of(word(ReasoningFamily.class, "reasoning_parser", reasoningParser)),
          aliases,
          owner);
    }

    private static <E extends Enum<E>> E word(Class<E> type, String key, String value) {
      try {
        return Enum.valueOf(type, value.toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        String known =
            Arrays.stream(type.getEnumConstants())
                .map(word -> word.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        throw new IllegalArgumentException(
            "models." + key + ": " + value + " (expected: auto, " + known + ")", e);
      }
    }
  }

  /** Limits of one request, and of stopping. */
  public record Limits(
      @Setting(value = "From a request's first byte to the answer's last.", def = "10m", min = 1)
          Duration requestTimeout,
      @Setting(
              value =
                  "Longest wait for the first token, in turn and at the engine; 0s: as request_timeout.",
              def = "0s",
              min = 0)
          Duration firstTokenTimeout,
      @Setting(
              value = "Longest silence between tokens; 0s: as request_timeout.",
              def = "0s",
              min = 0)
          Duration interTokenTimeout,
      @Setting(
              value =
                  "Streams without a token for so long get their status 200 and comments, so that"
                      + " no proxy gives up; a failure after that is an event of the stream.",
              def = "10s",
              min = 0)
          Duration commitAfter,
      @Setting(value = "Other times for some models.", def = "[]") List<ModelTimes> models,
      @Setting(
              value = "Tries with different workers, the first included.",
              def = "3",
              min = 1,
              max = 10)
          int maxAttempts,
      @Setting(
              value =
                  "Retries of all requests together before their first byte, as a share of them.",
              def = "0.2",
              min = 0,
              max = 10)
          double retryRatio,
      @Setting(
              value = "Retries beyond that share that may come at once; full again after 10 s.",
              def = "100",
              min = 0,
              max = 100_000)
          int retryReserve,
      @Setting(
              value =
                  "Whether another worker goes on in mid-answer when one dies, hangs or breaks"
                      + " the stream (tokens form).",
              def = "true")
          boolean migration,
      @Setting(
              value = "Longest silence of a worker in mid-answer before another goes on; 0: any.",
              def = "10s",
              min = 0)
          Duration stallTimeout,
      @Setting(
              value = "Longest wait for requests in flight when told to stop.",
              def = "30s",
              min = 0)
          Duration drainTimeout,
      @Setting(
              value = "Choices of one request: prompts times n or best_of.",
              def = "32",
              min = 1,
              max = 1024)
          int maxChoices,
      @Setting(value = "Tokens of one prompt; 0 is what the model takes.", def = "0", min = 0)
          int maxPromptTokens,
      @Setting(
              value = "max_tokens times choices that a request may ask for; 0 is no limit.",
              def = "0",
              min = 0)
          long maxAnswerTokens,
      @Setting(value = "Requests at once; more are refused with 503.", def = "20000", min = 1)
          int maxInFlight) {
    TimeLimits times() {
      return new TimeLimits(firstTokenTimeout, interTokenTimeout, requestTimeout, commitAfter);
    }

    Map<String, TimeLimits> modelTimes() {
      return models.stream()
          .collect(Collectors.toMap(ModelTimes::model, m -> m.over(times()), (a, last) -> last));
    }
  }

  /** Times of one model's requests; what is absent is as for all. */
  public record ModelTimes(
      @Setting("Name of the model, no alias.") String model,
      @Setting("As limits.request_timeout.") Optional<Duration> requestTimeout,
      @Setting("As limits.first_token_timeout.") Optional<Duration> firstTokenTimeout,
      @Setting("As limits.inter_token_timeout.") Optional<Duration> interTokenTimeout,
      @Setting("As limits.commit_after.") Optional<Duration> commitAfter) {
    TimeLimits over(TimeLimits all) {
      return new TimeLimits(
          firstTokenTimeout.orElse(all.firstToken()),
          interTokenTimeout.orElse(all.interToken()),
          requestTimeout.orElse(all.total()),
          commitAfter.orElse(all.commitAfter()));
    }
  }

  /** How many requests may run, and how many may wait for them. */
  public record Waiting(
      @Setting(
              value =
                  "Requests of one model at once on this gateway; more wait in turn, by priority"
                      + " (x-baton-priority), tenant and deadline. 0: as many as the workers have room for.",
              def = "0",
              min = 0)
          int maxRunning,
      @Setting(value = "Requests of one model that may wait.", def = "1024", min = 1)
          int maxWaiting,
      @Setting(
              value = "Tokens of one model's requests that may wait, prompt and answer.",
              def = "4000000",
              min = 1)
          long maxWaitingTokens,
      @Setting(value = "Longest wait; then 503.", def = "60s", min = 1) Duration maxWait,
      @Setting(
              value =
                  "Whether requests wait here, in turn, while the workers say that they are full, and"
                      + " not in the engines' queues.",
              def = "true")
          boolean byRoom) {
    Admission.Settings toSettings() {
      return new Admission.Settings(maxRunning, maxWaiting, maxWaitingTokens, maxWait, byRoom);
    }
  }

  /** The operators' HTTP server. */
  public record Admin(
      @Setting(value = "Address to listen on.", def = "127.0.0.1") String host,
      @Setting(
              value = "Port for operators; 0 takes a free one, -1 is off.",
              def = "-1",
              min = -1,
              max = 65535)
          int port,
      @Setting(
              "File with a key for operators; those of auth.keys_file with `admin: true` open it too.")
          Optional<Secret> keyFile) {
    AdminServer.Settings toSettings() {
      return new AdminServer.Settings(host, port, keyFile.map(Secret::reveal));
    }
  }
}
