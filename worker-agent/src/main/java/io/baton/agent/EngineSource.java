package io.baton.agent;

import io.baton.agent.FleetSettings.EngineAt;
import java.util.List;
import java.util.function.Consumer;

/** Says which servers there are, again whenever that changes. */
interface EngineSource extends AutoCloseable {
  /**
   * Starts to say.
   *
   * @param engines called with all of this source's servers, on a thread of the source
   */
  void follow(Consumer<List<EngineAt>> engines);

  @Override
  void close();
}
