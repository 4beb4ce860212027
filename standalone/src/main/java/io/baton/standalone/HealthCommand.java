package io.baton.standalone;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code baton health}: the health check of containers whose image has no other program. */
@Command(
    name = "health",
    description = "Asks a gateway or worker how it is; status 0 if it answers 200.",
    mixinStandardHelpOptions = true)
final class HealthCommand implements Callable<Integer> {
  private static final int TIMEOUT_MILLIS = 5_000;

  @Parameters(
      paramLabel = "URL",
      arity = "0..1",
      description = "Default: ${DEFAULT-VALUE}",
      defaultValue = "http://127.0.0.1:8000/ready")
  private URI url = URI.create("");

  @Override
  public Integer call() {
    try {
      var connection = (HttpURLConnection) url.toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      int status = connection.getResponseCode();
      System.out.println(url + ": " + status);
      return status == HttpURLConnection.HTTP_OK ? 0 : 1;
    } catch (IOException e) {
      System.out.println(url + ": no answer (" + e.getMessage() + ")");
      return 1;
    }
  }
}
