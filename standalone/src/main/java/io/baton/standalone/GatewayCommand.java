package io.baton.standalone;

import io.baton.config.ConfigReader;
import io.baton.config.SettingsWatch;
import io.baton.gateway.Gateway;
import io.baton.gateway.GatewaySettings;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code baton gateway}: one gateway, until it is told to stop. */
@Command(name = "gateway", description = "Runs one gateway.", mixinStandardHelpOptions = true)
final class GatewayCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayCommand.class);

  @Mixin private Commands.ConfigOptions config = new Commands.ConfigOptions();
  @Mixin private Aliases aliases = new Aliases();

  @Override
  public Integer call() throws Exception {
    Map<String, String> environment = aliases.ofGateway(System.getenv());
    var settings =
        ConfigReader.read(GatewaySettings.class, config.file(), environment, config.assignments());
    Commands.warnOfUnknown(settings, LOG);
    Gateway gateway = Gateway.start(settings.value(), environment);
    Commands.closeOnExit(gateway);
    gateway.showSettings(settings::show);
    config
        .file()
        .ifPresent(file -> {
          var watch =
              new SettingsWatch<>(
                  GatewaySettings.class, file, environment, config.assignments(), settings);
          gateway.showSettings(() -> watch.current().show());
          gateway.follow(watch);
        });
    return Commands.KEEPS_RUNNING;
  }
}
