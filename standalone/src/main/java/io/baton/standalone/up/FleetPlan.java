package io.baton.standalone.up;

import io.baton.agent.WorkerSettings.EngineKind;
import io.baton.bridge.EngineCard.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a local fleet consists of.
 *
 * @param model name under which clients ask; empty: what the servers behind the workers say
 * @param modelPath folder with tokenizer, template and, for the cpu engine, weights; may be empty
 *     for servers
 * @param servers engines' servers to start beside the fleet; empty: none, or they run already
 * @param gatewaySets further settings for the gateway, as {@code key=value}
 * @param workerSets further settings for every worker
 */
record FleetPlan(
    int port,
    String model,
    Optional<Path> modelPath,
    EngineKind engine,
    List<Worker> workers,
    List<EngineLaunch.Server> servers,
    List<String> gatewaySets,
    List<String> workerSets) {

  private static final int USUAL_PORT = 8000;

  /**
   * One worker.
   *
   * @param url of the server behind it, if there is one; empty otherwise
   */
  record Worker(String id, Role role, String url) {}

  /** Workers named by role and number. */
  static List<Worker> builtinWorkers(int aggregated, int prefill, int decode) {
    var workers = new ArrayList<Worker>();
    add(workers, Role.AGGREGATED, aggregated);
    add(workers, Role.PREFILL, prefill);
    add(workers, Role.DECODE, decode);
    return workers;
  }

  private static void add(List<Worker> workers, Role role, int count) {
    for (int i = 1; i <= count; i++) {
      workers.add(new Worker(name(role) + "-" + i, role, ""));
    }
  }

  /** One worker per server. */
  static List<Worker> serverWorkers(
      EngineKind engine, List<String> urls, List<String> prefillUrls, List<String> decodeUrls) {
    var workers = new ArrayList<Worker>();
    String kind = engine.name().toLowerCase(Locale.ROOT);
    add(workers, Role.AGGREGATED, kind, urls);
    add(workers, Role.PREFILL, kind + "-prefill", prefillUrls);
    add(workers, Role.DECODE, kind + "-decode", decodeUrls);
    return workers;
  }

  /** One worker per server that is to be started. */
  static List<Worker> launchedWorkers(List<EngineLaunch.Server> servers) {
    return servers.stream()
        .map(server -> new Worker("beside-" + server.id(), server.role(), server.url()))
        .toList();
  }

  private static void add(List<Worker> workers, Role role, String name, List<String> urls) {
    for (int i = 0; i < urls.size(); i++) {
      workers.add(new Worker(name + "-" + (i + 1), role, urls.get(i)));
    }
  }

  List<String> gatewayArguments(String brokerUrl) {
    var arguments = new ArrayList<String>(List.of("gateway"));
    set(arguments, "server.port=" + port);
    set(arguments, "nats.servers=" + brokerUrl);
    // Beside the usual port the usual admin port; elsewhere any, so that fleets do not collide.
    set(arguments, "admin.port=" + (port == USUAL_PORT ? USUAL_PORT + 1 : 0));
    if (modelPath.isPresent() && !model.isEmpty()) {
      set(arguments, "models=[{name: '" + model + "', path: '" + modelPath.get() + "'}]");
    }
    gatewaySets.forEach(assignment -> set(arguments, assignment));
    return arguments;
  }

  List<String> workerArguments(Worker worker, String brokerUrl) {
    var arguments = new ArrayList<String>(List.of("worker"));
    set(arguments, "id=" + worker.id());
    set(arguments, "role=" + name(worker.role()));
    set(arguments, "engine=" + engine.name().toLowerCase(Locale.ROOT));
    set(arguments, "nats.servers=" + brokerUrl);
    if (!model.isEmpty()) {
      set(arguments, "models=['" + model + "']");
    }
    if (engine.isServer()) {
      set(arguments, "server.url=" + worker.url());
    } else {
      set(arguments, "builtin.model_path=" + modelPath.orElseThrow());
    }
    workerSets.forEach(assignment -> set(arguments, assignment));
    return arguments;
  }

  private static void set(List<String> arguments, String assignment) {
    arguments.add("--set");
    arguments.add(assignment);
  }

  private static String name(Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }
}
