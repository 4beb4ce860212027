package io.baton.agent;

import io.baton.bridge.Engine;
import io.baton.bridge.openai.OpenAiHttpEngine;
import io.baton.bridge.openai.PlainDialect;
import io.baton.bridge.openai.ServerExchanges;
import io.baton.bridge.server.ControlClient;
import io.baton.bridge.server.Dialect;
import io.baton.bridge.server.ServerAddress;
import io.baton.bridge.server.ServerBeside;
import io.baton.bridge.server.ServerFacts;
import io.baton.bridge.server.ServerOptions;
import io.baton.bridge.server.SynthesisedSpans;
import io.baton.bridge.sglang.SglangDialect;
import io.baton.bridge.sglang.SglangTokens;
import io.baton.bridge.tokens.TokenHttpEngine;
import io.baton.bridge.vllm.VllmDialect;
import io.baton.bridge.vllm.VllmTokens;
import io.baton.telemetry.slices.SliceExporter;
import java.io.IOException;

/** Engines that are servers of their own. */
final class ForeignEngines {
  private ForeignEngines() {}

  /**
   * Waits until the server says what it is.
   *
   * @throws IOException if it does not in time
   */
  static Engine start(WorkerSettings settings, SliceExporter slices) throws IOException {
    ServerAddress address = settings.serverAddress();
    ServerOptions options = settings.serverOptions();
    Dialect dialect = dialect(settings.engine(), options);
    var control = new ControlClient(address);
    ServerFacts facts = ServerBeside.probe(dialect, control);
    var exchanges = new ServerExchanges(address, new SynthesisedSpans(slices, facts.tracing()));
    var server = ServerBeside.watch(dialect, control, facts, options, exchanges::inFlight);
    if (settings.api() == WorkerSettings.Api.OPENAI) {
      return new OpenAiHttpEngine(server, exchanges);
    }
    return switch (settings.engine()) {
      case SGLANG -> new TokenHttpEngine(server, exchanges, new SglangTokens());
      case VLLM -> new TokenHttpEngine(server, exchanges, new VllmTokens());
      default -> {
        server.close();
        throw new IOException("api: tokens (expected: openai, all that engine openai can do)");
      }
    };
  }

  private static Dialect dialect(WorkerSettings.EngineKind kind, ServerOptions options) {
    return switch (kind) {
      case SGLANG -> new SglangDialect(options);
      case VLLM -> new VllmDialect(options);
      default -> new PlainDialect();
    };
  }
}
