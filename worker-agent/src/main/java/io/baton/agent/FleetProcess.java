package io.baton.agent;

import io.baton.agent.FleetSettings.EngineAt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One agent process in front of many servers that run already: a worker for each, which comes and
 * goes with its server while the others go on. Each has a broker connection and an incarnation of
 * its own, so to gateways it is a worker like any other.
 */
public final class FleetProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FleetProcess.class);

  private final WorkerSettings settings;
  private final Map<String, String> environment;
  private final List<EngineSource> sources = new ArrayList<>();
  private final Map<EngineSource, List<EngineAt>> told = new HashMap<>();

  /** By name of the worker. */
  private final Map<String, FleetMember> members = new LinkedHashMap<>();

  private final FleetServer server;
  private boolean closed;

  private FleetProcess(WorkerSettings settings, Map<String, String> environment) {
    this.settings = settings;
    this.environment = environment;
    this.server = new FleetServer(settings.system(), this::members);
  }

  /**
   * Starts to stand in front of what the settings name; servers may come later.
   *
   * @param environment for the standard {@code OTEL_*} variables, and for Kubernetes
   * @throws IOException if a source of servers cannot be used
   */
  public static FleetProcess start(WorkerSettings settings, Map<String, String> environment)
      throws IOException {
    if (!settings.engine().isServer()) {
      throw new IOException(
          "fleet: engine is " + settings.engine() + " (expected: openai, sglang or vllm)");
    }
    var fleet = new FleetProcess(settings, environment);
    FleetSettings from = settings.fleet();
    if (!from.engines().isEmpty()) {
      fleet.sources.add(new Fixed(from.engines()));
    }
    from.file().ifPresent(file -> fleet.sources.add(new EngineFile(file)));
    if (!from.kubernetes().selector().isEmpty()) {
      fleet.sources.add(new EndpointSlices(from.kubernetes(), environment));
    }
    fleet.server.start();
    fleet.sources.forEach(source -> source.follow(engines -> fleet.changed(source, engines)));
    return fleet;
  }

  private record Fixed(List<EngineAt> list) implements EngineSource {
    @Override
    public void follow(Consumer<List<EngineAt>> engines) {
      engines.accept(list);
    }

    @Override
    public void close() {
      // Nothing is followed.
    }
  }

  private synchronized void changed(EngineSource source, List<EngineAt> engines) {
    if (closed) {
      return;
    }
    told.put(source, engines);
    Map<String, EngineAt> wanted = new LinkedHashMap<>();
    told.values()
        .forEach(list -> list.forEach(engine -> wanted.putIfAbsent(engine.name(), engine)));
    members
        .entrySet()
        .removeIf(entry -> {
          FleetMember member = entry.getValue();
          boolean stays = member.engine().equals(wanted.get(entry.getKey()));
          if (!stays) {
            LOG.info("{} is not ours any more: its worker drains", member.engine().url());
            member.leave();
          }
          return !stays;
        });
    wanted.forEach((name, engine) -> {
      if (!members.containsKey(name)) {
        LOG.info("{} is ours from now on", engine.url());
        members.put(name, FleetMember.start(settings.at(engine), engine, environment));
      }
    });
  }

  private synchronized List<FleetMember> members() {
    return List.copyOf(members.values());
  }

  /** All workers drain at once, then the process may end. */
  @Override
  public void close() {
    List<FleetMember> leaving;
    synchronized (this) {
      closed = true;
      leaving = List.copyOf(members.values());
    }
    sources.forEach(EngineSource::close);
    leaving.forEach(FleetMember::leave);
    leaving.forEach(FleetMember::awaitEnd);
    server.close();
  }
}
