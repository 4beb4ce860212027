package io.baton.agent;

import io.baton.bridge.EngineCard.Role;
import io.baton.config.Setting;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Servers in front of which one agent stands, with a worker for each: a list, a file, or what
 * Kubernetes says; all three together if all are set.
 */
public record FleetSettings(
    @Setting(value = "The servers.", def = "[]") List<EngineAt> engines,
    @Setting("YAML file with a list `engines` of the same shape; followed when it changes.")
        Optional<Path> file,
    Kubernetes kubernetes) {

  /** Whether there is anything to stand in front of but {@code server.url}. */
  public boolean wanted() {
    return !engines.isEmpty() || file.isPresent() || !kubernetes.selector().isEmpty();
  }

  /** One server. */
  public record EngineAt(
      @Setting("Base URL, such as http://10.0.0.7:8000.") String url,
      @Setting(
              value = "Name of its worker after the agent's id and a hyphen; empty: host and port.",
              def = "")
          String id,
      @Setting("Which legs it takes; absent: as `role` says.") Optional<Role> role) {
    public EngineAt {
      URI parsed = URI.create(url);
      if (parsed.getScheme() == null || parsed.getHost() == null) {
        throw new IllegalArgumentException(
            "url: " + url + " (expected: a URL such as http://10.0.0.7:8000)");
      }
    }

    /** A subject token: letters, digits, _ and -. */
    String name() {
      URI parsed = URI.create(url);
      String plain = id.isEmpty() ? parsed.getHost() + "-" + parsed.getPort() : id;
      return plain.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]+", "-");
    }
  }

  /** EndpointSlices, whose ready endpoints are the servers. */
  public record Kubernetes(
      @Setting(
              value =
                  "Label selector of EndpointSlices, such as kubernetes.io/service-name=vllm; empty: not used.",
              def = "")
          String selector,
      @Setting(value = "Their namespace; empty: that of the agent's pod.", def = "")
          String namespace,
      @Setting(value = "Port of the servers, by name or number; empty: the first.", def = "")
          String port,
      @Setting(value = "URL of the API server; empty: as pods are told.", def = "")
          String apiServer,
      @Setting(
              value = "Folder with token, ca.crt and namespace of the service account.",
              def = "/var/run/secrets/kubernetes.io/serviceaccount")
          Path account) {}
}
