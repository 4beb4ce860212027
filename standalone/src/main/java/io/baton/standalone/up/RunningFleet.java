package io.baton.standalone.up;

import java.util.Optional;

/** A fleet that was started. */
interface RunningFleet extends AutoCloseable {
  /**
   * Starts again what may be. To be called every now and then.
   *
   * @return what has ended for good although nobody asked it to: a name and its last words
   */
  Optional<String> tend();

  String brokerUrl();

  /** Lets requests end, then stops everything. */
  @Override
  void close();
}
