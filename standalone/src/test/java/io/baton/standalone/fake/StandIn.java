package io.baton.standalone.fake;

import java.io.IOException;
import java.net.URI;
import picocli.CommandLine;

/** A stand-in in this process, for tests that need no process of its own. */
public final class StandIn implements AutoCloseable {
  private final FakeServer server;
  private final int port;

  private StandIn(FakeServer server) throws IOException {
    this.server = server;
    this.port = server.start();
  }

  /** As {@code baton fake-sglang} with these arguments. */
  public static StandIn sglang(String... arguments) throws IOException {
    var command = new FakeCommands.Sglang();
    var _ = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
    return new StandIn(command.server());
  }

  /** As {@code baton fake-vllm} with these arguments. */
  public static StandIn vllm(String... arguments) throws IOException {
    var command = new FakeCommands.Vllm();
    var _ = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
    return new StandIn(command.server());
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    server.close();
  }
}
