package io.baton.bridge.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From an engine's own endpoints to the ones that we dial, one per data-parallel rank. */
public final class KvEventSources {
  private static final Pattern TCP = Pattern.compile("tcp://(.+):(\\d+)");

  private KvEventSources() {}

  /** What configuration says. */
  public static List<KvEventSource> configured(ServerOptions options, int dpSize) {
    var sources = new ArrayList<KvEventSource>();
    for (int rank = 0; rank < dpSize; rank++) {
      sources.add(
          new KvEventSource(
              rank,
              ofRank(options.kvEndpoint(), rank),
              options.kvBind(),
              replay(options.kvReplayEndpoint(), rank),
              options.kvTopic()));
    }
    return sources;
  }

  /**
   * What an engine says.
   *
   * @param workerHost stands in for a wildcard
   * @param endpoint as the engine was started with; it binds wildcards and {@code ipc}, and
   *     connects to everything else
   * @param replayEndpoint empty: none
   */
  public static List<KvEventSource> of(
      String workerHost, String endpoint, String replayEndpoint, String topic, int dpSize) {
    boolean engineBinds = binds(endpoint);
    var sources = new ArrayList<KvEventSource>();
    for (int rank = 0; rank < dpSize; rank++) {
      sources.add(
          new KvEventSource(
              rank,
              ofRank(reachable(endpoint, workerHost), rank),
              !engineBinds,
              replay(reachable(replayEndpoint, workerHost), rank),
              topic));
    }
    return sources;
  }

  private static boolean binds(String endpoint) {
    return endpoint.startsWith("ipc:")
        || endpoint.contains("*")
        || endpoint.contains("::")
        || endpoint.contains("0.0.0.0");
  }

  private static String reachable(String endpoint, String workerHost) {
    Matcher tcp = TCP.matcher(endpoint);
    if (!tcp.matches()) {
      return endpoint;
    }
    String host = tcp.group(1);
    boolean wildcard = host.equals("*") || host.equals("0.0.0.0") || host.contains("::");
    return "tcp://" + (wildcard ? workerHost : host) + ":" + tcp.group(2);
  }

  private static Optional<String> replay(String endpoint, int rank) {
    return endpoint.isEmpty() ? Optional.empty() : Optional.of(ofRank(endpoint, rank));
  }

  /** Ranks add themselves to the port; to a path, as both engines do, a suffix. */
  private static String ofRank(String endpoint, int rank) {
    Matcher tcp = TCP.matcher(endpoint);
    if (tcp.matches()) {
      return "tcp://" + tcp.group(1) + ":" + (Integer.parseInt(tcp.group(2)) + rank);
    }
    return rank == 0 ? endpoint : endpoint + "_dp" + rank;
  }
}
