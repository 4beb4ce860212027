package io.baton.standalone.up;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The processes of a local fleet, started and stopped in order. */
final class LocalFleet implements RunningFleet {
  private static final long DRAIN_SECONDS = 40;
  private static final long BROKER_SECONDS = 5;

  private final LocalBroker broker;
  private final List<ChildProcess> servers = new ArrayList<>();
  private final List<RestartedWorker> workers = new ArrayList<>();
  private Optional<ChildProcess> gateway = Optional.empty();

  private LocalFleet(LocalBroker broker) {
    this.broker = broker;
  }

  /**
   * Starts everything; does not wait until it can serve.
   *
   * @throws IOException if a process cannot be started; nothing is left behind then
   */
  static LocalFleet start(FleetPlan plan, Path logs, Map<String, String> environment)
      throws IOException {
    var fleet = new LocalFleet(LocalBroker.find(environment, logs));
    try {
      for (EngineLaunch.Server server : plan.servers()) {
        fleet.servers.add(
            ChildProcess.program(server.id(), logs, server.command(), server.environment()));
      }
      fleet.gateway =
          Optional.of(
              ChildProcess.baton("gateway", logs, plan.gatewayArguments(fleet.broker.url())));
      for (FleetPlan.Worker worker : plan.workers()) {
        fleet.workers.add(
            RestartedWorker.start(
                worker.id(), logs, plan.workerArguments(worker, fleet.broker.url())));
      }
      return fleet;
    } catch (IOException e) {
      fleet.close();
      throw e;
    }
  }

  @Override
  public Optional<String> tend() {
    for (RestartedWorker worker : workers) {
      Optional<String> fallen = worker.tend();
      if (fallen.isPresent()) {
        return fallen;
      }
    }
    var all = new ArrayList<>(servers);
    gateway.ifPresent(all::add);
    broker.process().ifPresent(all::add);
    return all.stream()
        .filter(process -> !process.alive())
        .findFirst()
        .map(process -> process.name() + " has ended:\n" + process.lastLines());
  }

  @Override
  public String brokerUrl() {
    return broker.url();
  }

  /** The gateway first, so that requests end while there are workers; the broker last. */
  @Override
  public void close() {
    gateway.ifPresent(ChildProcess::terminate);
    gateway.ifPresent(process -> process.awaitExit(DRAIN_SECONDS));
    workers.forEach(RestartedWorker::terminate);
    workers.forEach(worker -> worker.awaitExit(DRAIN_SECONDS));
    servers.forEach(ChildProcess::terminate);
    servers.forEach(server -> server.awaitExit(DRAIN_SECONDS));
    broker.process().ifPresent(ChildProcess::terminate);
    broker.process().ifPresent(process -> process.awaitExit(BROKER_SECONDS));
  }
}
