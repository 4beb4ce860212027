package io.baton.standalone.e2e;

import static org.awaitility.Awaitility.await;

import io.baton.testkit.BatonProcess;
import io.baton.testkit.Broker;
import io.baton.testkit.OtlpReceiver;
import io.baton.testkit.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Broker, gateway and workers as processes of their own, with a receiver for their spans. */
final class TestFleet implements AutoCloseable {
  static final Path MODEL = Path.of("..", "models", "baton-demo").toAbsolutePath().normalize();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern SYSTEM_PORT =
      Pattern.compile("system server listens on /127\\.0\\.0\\.1:(\\d+)");

  private static final Pattern ADMIN_PORT =
      Pattern.compile("admin server listens on 127\\.0\\.0\\.1:(\\d+)");

  private final Broker broker;
  private final OtlpReceiver receiver;
  private final Map<String, BatonProcess> workers = new LinkedHashMap<>();
  private final List<String> workerSets;
  private final Map<String, List<String>> ownSets;
  private final Map<String, Long> skews;
  private final String engine;
  private final boolean checkpoint;
  private final int port;
  private BatonProcess gateway;

  private TestFleet(Plan plan) throws IOException {
    this.broker = Broker.start();
    this.receiver = OtlpReceiver.start();
    this.engine = plan.engine;
    this.workerSets = plan.workerSets;
    this.ownSets = plan.ownSets;
    this.skews = plan.skews;
    this.checkpoint = plan.checkpoint;
    this.port = freePort();
    this.gateway = startGateway(plan);
    plan.workers.forEach(this::startWorker);
    awaitReady();
  }

  /** What to start. */
  static final class Plan {
    private final String engine;
    private final Map<String, String> workers = new LinkedHashMap<>();
    private final Map<String, List<String>> ownSets = new LinkedHashMap<>();
    private final List<String> gatewaySets = new ArrayList<>();
    private final List<String> workerSets = new ArrayList<>();
    private final Map<String, Long> skews = new LinkedHashMap<>();
    private final List<String> gatewayArguments = new ArrayList<>(List.of("gateway"));
    private boolean checkpoint = true;
    private boolean traced = true;

    private Plan(String engine) {
      this.engine = engine;
    }

    /** The sim engine without a model's limits: its context is only what is set. */
    Plan withoutCheckpoint() {
      checkpoint = false;
      return this;
    }

    /** A worker, its role, and settings that only it has. */
    Plan worker(String id, String role, String... sets) {
      workers.put(id, role);
      ownSets.put(id, List.of(sets));
      return this;
    }

    Plan gatewaySet(String assignment) {
      gatewaySets.add(assignment);
      return this;
    }

    /** A YAML file of the gateway, which it follows; it says what to trace. */
    Plan gatewayFile(Path file) {
      traced = false;
      gatewayArguments.addAll(List.of("--config", file.toString()));
      return this;
    }

    /** A worker whose clock is wrong by so many nanoseconds. */
    Plan workerSkew(String id, long nanos) {
      skews.put(id, nanos);
      return this;
    }

    Plan workerSet(String assignment) {
      workerSets.add(assignment);
      return this;
    }

    TestFleet start() throws IOException {
      return new TestFleet(this);
    }
  }

  static Plan of(String engine) {
    return new Plan(engine);
  }

  static Plan aggregated(String engine) {
    return of(engine).worker("agg-1", "aggregated");
  }

  static Plan disaggregated(String engine) {
    return of(engine).worker("prefill-1", "prefill").worker("decode-1", "decode");
  }

  private BatonProcess startGateway(Plan plan) throws IOException {
    var arguments = new ArrayList<String>(plan.gatewayArguments);
    set(arguments, "server.port=" + port);
    set(arguments, "nats.servers=" + broker.url());
    set(arguments, "models=[{name: baton-demo, path: '" + MODEL + "'}]");
    if (plan.traced) {
      set(arguments, "trace.level=3");
    }
    set(arguments, "admin.port=0");
    plan.gatewaySets.forEach(assignment -> set(arguments, assignment));
    return BatonProcess.start("gateway", environment(), arguments);
  }

  /** Adds a worker; does not wait for it. */
  void startWorker(String id, String role) {
    var arguments = new ArrayList<String>(List.of("worker"));
    set(arguments, "id=" + id);
    set(arguments, "role=" + role);
    set(arguments, "engine=" + engine);
    set(arguments, "models=[baton-demo]");
    set(arguments, "nats.servers=" + broker.url());
    if (checkpoint) {
      set(arguments, "builtin.model_path=" + MODEL);
    }
    set(arguments, "builtin.kv_memory=32MiB");
    set(arguments, "system.port=0");
    workerSets.forEach(assignment -> set(arguments, assignment));
    ownSets.getOrDefault(id, List.of()).forEach(assignment -> set(arguments, assignment));
    try {
      workers.put(id, BatonProcess.start(id, environment(id), arguments));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private Map<String, String> environment(String workerId) {
    var all = new LinkedHashMap<>(environment());
    Long skew = skews.get(workerId);
    if (skew != null) {
      all.put("JAVA_TOOL_OPTIONS", "-Dbaton.test.clock.skew.nanos=" + skew);
    }
    return all;
  }

  private Map<String, String> environment() {
    return Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
  }

  private static void set(List<String> arguments, String assignment) {
    arguments.add("--set");
    arguments.add(assignment);
  }

  static int freePort() throws IOException {
    return Ports.free();
  }

  private void awaitReady() {
    try {
      await().atMost(PATIENCE).until(() -> client().statusOf("/ready") == 200 && allRoutable());
    } catch (RuntimeException e) {
      String logs = logs();
      close();
      throw new IllegalStateException("the fleet did not become ready. Its output:\n" + logs, e);
    }
  }

  private boolean allRoutable() {
    return client().workers().values().stream().filter(w -> w).count() == workers.size();
  }

  int port() {
    return port;
  }

  Client client() {
    return new Client(port);
  }

  Broker broker() {
    return broker;
  }

  OtlpReceiver receiver() {
    return receiver;
  }

  BatonProcess gateway() {
    return gateway;
  }

  BatonProcess worker(String id) {
    return workers.get(id);
  }

  /** One of a worker's own metrics, such as {@code baton_engine_used_blocks}. */
  double metric(String workerId, String name) {
    return Client.metric(system(workerId).get("/metrics"), name);
  }

  /** A worker's own HTTP server. */
  Client system(String workerId) {
    return clientOf(SYSTEM_PORT, workers.get(workerId));
  }

  /** The gateway's HTTP server for operators. */
  Client admin() {
    return clientOf(ADMIN_PORT, gateway);
  }

  private static Client clientOf(Pattern announcement, BatonProcess process) {
    Matcher port = announcement.matcher(process.output());
    if (!port.find()) {
      throw new IllegalStateException("not announced yet:\n" + process.output());
    }
    return new Client(Integer.parseInt(port.group(1)));
  }

  /** What every process has printed. */
  String logs() {
    var out = new StringBuilder("--- gateway\n").append(gateway.output());
    workers.forEach(
        (id, worker) -> out.append("--- ").append(id).append('\n').append(worker.output()));
    return out.toString();
  }

  @Override
  public void close() {
    gateway.close();
    workers.values().forEach(BatonProcess::close);
    broker.close();
    receiver.close();
  }
}
