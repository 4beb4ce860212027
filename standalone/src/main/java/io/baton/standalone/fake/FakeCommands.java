package io.baton.standalone.fake;

import io.baton.standalone.Commands;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands {@code baton fake-sglang} and {@code baton fake-vllm}. */
public final class FakeCommands {
  private FakeCommands() {}

  /** {@code baton fake-sglang}. */
  @Command(
      name = "fake-sglang",
      description = "A stand-in for SGLang over a simulated engine, for tests and demos.",
      mixinStandardHelpOptions = true)
  public static final class Sglang implements Callable<Integer> {
    @Mixin private FakeOptions options = new FakeOptions();

    @Option(
        names = "--incremental-streaming-output",
        description = "Events of /generate hold what is new, not everything so far.")
    private boolean incremental;

    @Option(
        names = "--disaggregation-bootstrap-port",
        description = "Where decode engines meet this one; 0 takes a free port.")
    private int bootstrapPort;

    @Override
    public Integer call() throws IOException {
      return run(server(), "fake SGLang");
    }

    FakeServer server() throws IOException {
      return new FakeSglang(options, new FakeCore(options, false, bootstrapPort), incremental);
    }
  }

  /** {@code baton fake-vllm}. */
  @Command(
      name = "fake-vllm",
      description = "A stand-in for vLLM over a simulated engine, for tests and demos.",
      mixinStandardHelpOptions = true)
  public static final class Vllm implements Callable<Integer> {
    @Mixin private FakeOptions options = new FakeOptions();

    @Override
    public Integer call() throws IOException {
      return run(server(), "fake vLLM");
    }

    FakeServer server() throws IOException {
      return new FakeVllm(options, new FakeCore(options, true, 0));
    }
  }

  private static int run(FakeServer server, String name) throws IOException {
    Commands.closeOnExit(server);
    int port = server.start();
    System.out.println("baton: " + name + " listens on http://" + server.options.host + ":" + port);
    return Commands.KEEPS_RUNNING;
  }
}
