package io.baton.engine.cuda.check;

import java.util.List;

/** Checks of one layer. Suites are listed in {@link GpuChecks#SUITES}. */
public interface CheckSuite {

  /** In the order in which they run. */
  List<GpuCheck> checks();
}
