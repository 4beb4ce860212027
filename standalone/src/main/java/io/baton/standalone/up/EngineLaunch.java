package io.baton.standalone.up;

import io.baton.agent.WorkerSettings.EngineKind;
import io.baton.bridge.EngineCard.Role;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Command lines of SGLang's and vLLM's servers, with all that Baton can use of them: KV events with
 * replay, figures of each request, spans if there is somewhere to send them.
 */
final class EngineLaunch {
  /** On a CPU, with flags that its makers' command lacks; then the usual commands. */
  private static final List<String> VLLM_COMMANDS = List.of("vllm-cpu", "vllm");

  private static final List<String> SGLANG_COMMANDS = List.of("sglang-cpu", "sglang");
  private static final String CPU = "-cpu";

  private final EngineKind kind;
  private final Path program;
  private final String model;
  private final String servedName;
  private final Path folder;
  private final Optional<String> traces;
  private final List<String> more;

  private EngineLaunch(
      EngineKind kind,
      Path program,
      String model,
      String servedName,
      Path folder,
      Optional<String> traces,
      List<String> more) {
    this.kind = kind;
    this.program = program;
    this.model = model;
    this.servedName = servedName;
    this.folder = folder;
    this.traces = traces;
    this.more = more;
  }

  /**
   * One server to start.
   *
   * @param environment beside Baton's own
   */
  record Server(
      String id, Role role, String url, List<String> command, Map<String, String> environment) {}

  /**
   * Looks for the engine's command.
   *
   * @param folder for sockets; a short path
   * @param environment where PATH and OTEL_EXPORTER_OTLP_ENDPOINT are looked up
   * @param more further arguments for every server
   * @throws IOException if it is not installed
   */
  static EngineLaunch of(
      EngineKind kind,
      Path model,
      String servedName,
      Path folder,
      Map<String, String> environment,
      List<String> more)
      throws IOException {
    List<String> commands = kind == EngineKind.VLLM ? VLLM_COMMANDS : SGLANG_COMMANDS;
    String path = environment.getOrDefault("PATH", "");
    Path program =
        commands.stream()
            .flatMap(name -> onPath(name, path).stream())
            .findFirst()
            .orElseThrow(() ->
                new IOException(
                    "--launch: none of %s is on the PATH (expected: %s installed, or --url of a server that runs)"
                        .formatted(commands, kind.name().toLowerCase(Locale.ROOT))));
    Optional<String> traces = Optional.ofNullable(environment.get("OTEL_EXPORTER_OTLP_ENDPOINT"));
    return new EngineLaunch(kind, program, model.toString(), servedName, folder, traces, more);
  }

  private static Optional<Path> onPath(String name, String path) {
    for (String folder : path.split(File.pathSeparator, -1)) {
      Path candidate = Path.of(folder, name);
      if (!folder.isEmpty() && Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** Whether the servers make spans. */
  boolean traced() {
    return traces.isPresent();
  }

  /**
   * Servers that do all of a request, or some that prefill and some that decode.
   *
   * @throws IOException if there is no free port
   */
  List<Server> servers(int aggregated, int prefill, int decode) throws IOException {
    var servers = new ArrayList<Server>();
    int bootstrap = freePort();
    for (int i = 1; i <= aggregated; i++) {
      servers.add(server(Role.AGGREGATED, i, bootstrap));
    }
    for (int i = 1; i <= prefill; i++) {
      // Each prefill server has its own place to meet.
      servers.add(server(Role.PREFILL, i, i == 1 ? bootstrap : freePort()));
    }
    for (int i = 1; i <= decode; i++) {
      servers.add(server(Role.DECODE, i, bootstrap));
    }
    return servers;
  }

  private Server server(Role role, int number, int bootstrap) throws IOException {
    String roleName = role.name().toLowerCase(Locale.ROOT);
    String id = kind.name().toLowerCase(Locale.ROOT) + "-" + roleName + "-" + number;
    int port = freePort();
    var environment = new LinkedHashMap<String, String>();
    environment.put("OTEL_SERVICE_NAME", kind.name().toLowerCase(Locale.ROOT));
    List<String> command =
        kind == EngineKind.VLLM
            ? vllm(id, port, role, environment)
            : sglang(id, port, role, bootstrap, environment);
    command.addAll(more);
    return new Server(id, role, "http://127.0.0.1:" + port, command, environment);
  }

  private boolean onCpu() {
    return program.endsWith(kind.name().toLowerCase(Locale.ROOT) + CPU);
  }

  private List<String> vllm(String id, int port, Role role, Map<String, String> environment)
      throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "serve",
                model,
                "--served-model-name",
                servedName,
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--enable-prompt-tokens-details",
                "--enable-per-request-metrics",
                "--kv-events-config",
                events(id, ",\"enable_kv_cache_events\":true")));
    traces.ifPresent(endpoint -> {
      command.addAll(List.of("--otlp-traces-endpoint", endpoint));
      environment.put("OTEL_EXPORTER_OTLP_TRACES_INSECURE", "true");
    });
    if (role != Role.AGGREGATED) {
      String buffer = onCpu() ? ",\"kv_buffer_device\":\"cpu\"" : "";
      command.addAll(
          List.of(
              "--kv-transfer-config",
              "{\"kv_connector\":\"NixlConnector\",\"kv_role\":\"kv_both\"" + buffer + "}"));
      environment.put("VLLM_NIXL_SIDE_CHANNEL_HOST", "127.0.0.1");
      environment.put("VLLM_NIXL_SIDE_CHANNEL_PORT", Integer.toString(freePort()));
    }
    if (onCpu()) {
      command.addAll(List.of("--enforce-eager", "--block-size", "32"));
      environment.put("UCX_TLS", "tcp,self,sm");
      environment.put("UCX_NET_DEVICES", "lo");
    }
    return command;
  }

  private List<String> sglang(
      String id, int port, Role role, int bootstrap, Map<String, String> environment) {
    var command = new ArrayList<String>(List.of(program.toString()));
    if (!onCpu()) {
      command.add("serve");
    }
    command.addAll(
        List.of(
            "--model-path",
            model,
            "--served-model-name",
            servedName,
            "--host",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--page-size",
            "16",
            "--enable-metrics",
            "--enable-cache-report",
            "--kv-events-config",
            events(id, "")));
    // Its exporter wants host and port.
    traces.ifPresent(endpoint ->
        command.addAll(
            List.of(
                "--enable-trace",
                "--otlp-traces-endpoint",
                endpoint.substring(
                    endpoint.indexOf("://") < 0 ? 0 : endpoint.indexOf("://") + 3))));
    if (role != Role.AGGREGATED) {
      command.addAll(
          List.of(
              "--disaggregation-mode", role.name().toLowerCase(Locale.ROOT),
              "--disaggregation-bootstrap-port", Integer.toString(bootstrap)));
      environment.put("SGLANG_HOST_IP", "127.0.0.1");
    }
    return command;
  }

  private String events(String id, String more) {
    return "{\"publisher\":\"zmq\",\"topic\":\"kv-events\",\"endpoint\":\"ipc://%1$s/%2$s\",\"replay_endpoint\":\"ipc://%1$s/%2$s-r\"%3$s}"
        .formatted(folder, id, more);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
