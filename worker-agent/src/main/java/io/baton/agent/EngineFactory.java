package io.baton.agent;

import io.baton.bridge.Engine;
import io.baton.engine.BuiltinEngine;
import io.baton.engine.EngineStartException;
import io.baton.telemetry.slices.SliceExporter;
import java.io.IOException;

/** Makes the engine that a worker's settings name. */
final class EngineFactory {
  private EngineFactory() {}

  /**
   * Starts an engine.
   *
   * @throws IOException if the model cannot be read or the server cannot be reached
   */
  static Engine create(WorkerSettings settings, SliceExporter slices) throws IOException {
    return switch (settings.engine()) {
      case CPU, CUDA, SIM -> builtin(settings, slices);
      case OPENAI, SGLANG, VLLM -> ForeignEngines.start(settings, slices);
    };
  }

  private static Engine builtin(WorkerSettings settings, SliceExporter slices) throws IOException {
    try {
      BuiltinEngine engine = BuiltinEngine.start(settings.builtinEngine(), slices);
      WorkerSettings.Sim sim = settings.builtin().sim();
      boolean faulty =
          settings.engine() == WorkerSettings.EngineKind.SIM
              && sim.fault() != FaultyEngine.Fault.NONE;
      return faulty ? new FaultyEngine(engine, sim.fault(), sim.faultAfterTokens()) : engine;
    } catch (EngineStartException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
