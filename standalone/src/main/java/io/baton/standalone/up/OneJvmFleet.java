package io.baton.standalone.up;

import io.baton.agent.WorkerProcess;
import io.baton.agent.WorkerSettings;
import io.baton.config.ConfigException;
import io.baton.config.ConfigReader;
import io.baton.gateway.Gateway;
import io.baton.gateway.GatewaySettings;
import io.baton.transport.BrokerUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gateway and workers as objects of this JVM, over a real broker: for a debugger. Nothing that is
 * measured or tested runs this way, since a shared JVM hides what a fleet must show.
 */
final class OneJvmFleet implements RunningFleet, WorkerProcess.Host {
  private static final long BROKER_SECONDS = 5;

  private final LocalBroker broker;
  private final List<WorkerProcess> workers = new ArrayList<>();
  private Optional<Gateway> gateway = Optional.empty();
  private volatile @Nullable String lost;

  private OneJvmFleet(LocalBroker broker) {
    this.broker = broker;
  }

  static OneJvmFleet start(FleetPlan plan, Path logs, Map<String, String> environment)
      throws IOException, ConfigException, BrokerUnavailableException {
    var fleet = new OneJvmFleet(LocalBroker.find(environment, logs));
    try {
      for (FleetPlan.Worker worker : plan.workers()) {
        var sets = assignments(plan.workerArguments(worker, fleet.broker.url()));
        var settings =
            ConfigReader.read(WorkerSettings.class, Optional.empty(), environment, sets).value();
        fleet.workers.add(WorkerProcess.start(settings, environment, fleet));
      }
      var sets = assignments(plan.gatewayArguments(fleet.broker.url()));
      var settings =
          ConfigReader.read(GatewaySettings.class, Optional.empty(), environment, sets).value();
      fleet.gateway = Optional.of(Gateway.start(settings, environment));
      return fleet;
    } catch (IOException | ConfigException | BrokerUnavailableException e) {
      fleet.close();
      throw e;
    }
  }

  /** Without the command's name and the {@code --set} before each. */
  private static List<String> assignments(List<String> arguments) {
    return arguments.stream().skip(1).filter(argument -> !argument.equals("--set")).toList();
  }

  /** Workers of one JVM do not end by themselves. */
  @Override
  public void drain() {}

  @Override
  public void engineLost(String reason) {
    lost = reason;
  }

  @Override
  public Optional<String> tend() {
    String reason = lost;
    if (reason != null) {
      return Optional.of(
          "a worker's engine is lost, and with one JVM nothing can restart it: " + reason);
    }
    return broker
        .process()
        .filter(process -> !process.alive())
        .map(process -> process.name() + " has ended:\n" + process.lastLines());
  }

  @Override
  public String brokerUrl() {
    return broker.url();
  }

  @Override
  public void close() {
    gateway.ifPresent(Gateway::close);
    workers.forEach(WorkerProcess::close);
    broker.process().ifPresent(ChildProcess::terminate);
    broker.process().ifPresent(process -> process.awaitExit(BROKER_SECONDS));
  }
}
