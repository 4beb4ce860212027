package io.baton.kvrouter;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where each session's last request went; the sessions used last, up to a bound. One thread. */
final class Sessions {
  private static final int MOST = 1 << 16;

  private final Map<String, WorkerRank> places =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, WorkerRank> eldest) {
          return size() > MOST;
        }
      };

  /** The rank of the session's last request, or null. */
  @Nullable WorkerRank last(Phase phase, String session) {
    return session.isEmpty() ? null : places.get(key(phase, session));
  }

  void went(Phase phase, String session, WorkerRank rank) {
    if (!session.isEmpty()) {
      places.put(key(phase, session), rank);
    }
  }

  int size() {
    return places.size();
  }

  /** Prefill and decode of a session live on different workers. */
  private static String key(Phase phase, String session) {
    return phase + "/" + session;
  }
}
