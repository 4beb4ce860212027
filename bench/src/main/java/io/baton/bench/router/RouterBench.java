package io.baton.bench.router;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** {@code ./baton bench router [FILE]}: all of them, with allocation; figures as JSON to a file. */
public final class RouterBench {
  private RouterBench() {}

  public static void main(String[] arguments) throws RunnerException {
    String file = arguments.length > 0 ? arguments[0] : "router-bench.json";
    new Runner(
            new OptionsBuilder()
                .include(RouterBench.class.getPackageName() + "\\..*Bench\\..*")
                .addProfiler(GCProfiler.class)
                .resultFormat(ResultFormatType.JSON)
                .result(file)
                .build())
        .run();
  }
}
