package io.baton.engine;

import io.baton.bridge.EngineCard;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.TokenEngine;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenSink;
import io.baton.telemetry.slices.SliceExporter;
import io.baton.telemetry.slices.TraceHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The built-in engine. All methods may be called from any thread. */
@SuppressWarnings("DoNotCallSuggester")
public final class BuiltinEngine implements TokenEngine {

  private BuiltinEngine() {}

  /**
   * Loads the model, takes the KV memory, opens the data plane (prefill engines) and starts the
   * step thread.
   *
   * @param exporter where finished requests' slices go; {@link SliceExporter#OFF} for none
   * @throws EngineStartException if the checkpoint cannot be served or a port cannot be bound
   */
  public static BuiltinEngine start(EngineSettings settings, SliceExporter exporter)
      throws EngineStartException {
    throw new EngineStartException("not there yet: " + settings + exporter);
  }

  /** What it has done and holds. */
  public EngineStats stats() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void generate(
      TokenRequest request, String rid, @Nullable TraceHeader externalTraceHeader, TokenSink sink) {
    throw new UnsupportedOperationException();
  }

  @Override
  public EngineCard card() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<EngineLoad> load() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void cancel(String rid) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void onKvEvents(KvEventListener listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public KvSnapshot kvSnapshot(int rank) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
