package io.baton.standalone.route;

import picocli.CommandLine.Command;

/** {@code baton route}: looks at routing without a fleet. */
@Command(
    name = "route",
    description = "Replays traffic through the router in virtual time.",
    mixinStandardHelpOptions = true,
    subcommands = {ReplayCommand.class, DiffCommand.class})
public final class RouteCommand {
  /** Made by the command line. */
  public RouteCommand() {}
}
