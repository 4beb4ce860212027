package io.baton.standalone.doctor;

import io.baton.bridge.server.ControlClient;
import io.baton.bridge.server.ServerAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at gateways and engines, and at engines beside each other. */
final class Doctor {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Doctor() {}

  /**
   * What was found.
   *
   * @param engines those that answered
   */
  record Report(List<EngineDoctor.Facts> engines, List<Finding> findings) {}

  /**
   * Looks at servers of one fleet. Waits for each, some seconds at most.
   *
   * @param model folder of the model as the gateway has it
   */
  static Report examine(List<URI> urls, Optional<Path> model) {
    var findings = new ArrayList<Finding>();
    var engines = new ArrayList<EngineDoctor.Facts>();
    for (URI url : urls) {
      var address = new ServerAddress(url, 1, PATIENCE, PATIENCE, PATIENCE, Optional.empty());
      try (var control = new ControlClient(address)) {
        if (!GatewayDoctor.look(control, findings)) {
          EngineDoctor.look(control, model, findings).ifPresent(engines::add);
        }
      }
    }
    FleetDoctor.compare(engines, findings);
    return new Report(engines, findings);
  }
}
