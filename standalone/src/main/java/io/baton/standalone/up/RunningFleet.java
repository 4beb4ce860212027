package io.baton.standalone.up;

import java.util.Optional;

/** A fleet that was started. */
interface RunningFleet extends AutoCloseable {
  /** What has ended although nobody asked it to: a name and its last words. */
  Optional<String> fallen();

  String brokerUrl();

  /** Lets requests end, then stops everything. */
  @Override
  void close();
}
