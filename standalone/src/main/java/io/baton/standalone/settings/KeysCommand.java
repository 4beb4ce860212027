package io.baton.standalone.settings;

import io.baton.gateway.auth.KeyFile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code baton keys}: API keys for clients and operators. */
@Command(
    name = "keys",
    description = "Makes API keys.",
    mixinStandardHelpOptions = true,
    subcommands = KeysCommand.New.class)
public final class KeysCommand {

  /** {@code baton keys new NAME}. */
  @Command(
      name = "new",
      description =
          "Prints a new key to standard error, for its owner, and the line for the file of keys"
              + " (auth.keys_file, under `keys:`) to standard output.",
      mixinStandardHelpOptions = true)
  static final class New implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Whose key it is: a tenant or a person.")
    private String name = "";

    @Option(names = "--admin", description = "It opens the operator's routes too.")
    private boolean admin;

    @Override
    public Integer call() {
      if (!name.matches("[A-Za-z0-9_.-]{1,64}")) {
        System.err.println("baton: NAME: " + name + " (expected: 1 to 64 of A-Z a-z 0-9 _ . -)");
        return 2;
      }
      KeyFile.NewKey created = KeyFile.create(name, admin);
      System.err.println(created.key());
      System.out.println(created.line());
      return 0;
    }
  }
}
