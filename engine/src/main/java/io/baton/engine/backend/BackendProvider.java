package io.baton.engine.backend;

import io.baton.engine.EngineSettings;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.model.ModelException;

/**
 * Opens a backend that comes with a module of its own. Found by {@link java.util.ServiceLoader}, so
 * that only who has the module loads its libraries.
 */
public interface BackendProvider {

  /** Whether it opens backends of this kind. */
  boolean provides(EngineSettings.BackendKind kind);

  /**
   * An open backend.
   *
   * @param blocks KV blocks it has
   */
  record Opened(Backend backend, int blocks) {}

  /**
   * Opens a backend for a checkpoint.
   *
   * @throws ModelException if it cannot serve the model, or lacks what it computes with; the
   *     message says what to do
   */
  Opened open(EngineSettings settings, Checkpoint checkpoint) throws ModelException;
}
