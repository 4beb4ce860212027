package io.baton.telemetry.slices;

/** Where finished requests go. */
public interface SliceExporter {
  /** Drops everything and says that tracing is off. */
  SliceExporter OFF =
      new SliceExporter() {
        @Override
        public boolean enabled() {
          return false;
        }

        @Override
        public int export(RequestTrace finished) {
          return 0;
        }
      };

  /** Whether anything is recorded at all. */
  boolean enabled();

  /**
   * Takes a finished request; called once per request, on the thread that finished it. Builds no
   * spans on that thread if it can avoid it.
   *
   * @return how many spans this request will make
   */
  int export(RequestTrace finished);
}
