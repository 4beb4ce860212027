package io.baton.bridge.server;

import io.baton.bridge.EngineLoad;
import io.baton.bridge.OpenAiEngine.OpenAiRequest;
import java.io.IOException;
import java.util.List;

/** What distinguishes one kind of server from another. Stateless; safe for many threads. */
public interface Dialect {

  /**
   * Asks the server what it is. May wait.
   *
   * @throws IOException if it does not answer (yet), or is not what it should be
   */
  ServerFacts probe(ControlClient control) throws IOException;

  /**
   * Asks the server how it is. May wait.
   *
   * @return one entry per rank; empty if such servers do not say
   * @throws IOException if it does not answer
   */
  List<EngineLoad> load(ControlClient control, ServerFacts facts) throws IOException;

  /** The client's body as this server is to get it: identity, transfer fields, usage, no more. */
  byte[] body(OpenAiRequest request, String rid, ServerFacts facts);

  /** Route that tells a prompt's tokens, in vLLM's shape; empty: such servers have none. */
  default String tokenizePath() {
    return "";
  }

  /** Whether {@link #body} asks for usage where the client did not; the client must not see it. */
  boolean asksForUsage();

  /** Tells the server to stop a request, where closing the socket is not enough. Never waits. */
  void abort(ControlClient control, String rid);
}
