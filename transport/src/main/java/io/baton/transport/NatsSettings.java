package io.baton.transport;

import io.baton.config.Secret;
import io.baton.config.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How to reach the broker, and as whom. */
public record NatsSettings(
    @Setting(
            value =
                "Where the broker is; several are tried in turn. tls:// asks for TLS with the"
                    + " JVM's own certificate authorities.",
            def = "[nats://127.0.0.1:4222]")
        List<String> servers,
    @Setting("File with NATS credentials (JWT and seed).") Optional<Path> credentials,
    @Setting("User name, where the broker knows users by password.") Optional<String> user,
    @Setting("File with that user's password.") Optional<Secret> passwordFile,
    Tls tls,
    @Setting(
            value = "How often the connection is checked; two missed answers end it.",
            def = "2s",
            min = 100)
        Duration pingInterval,
    @Setting(
            value = "Messages that may wait for the socket; more are dropped and counted.",
            def = "65536",
            min = 64)
        int outgoingQueueMessages) {

  /** TLS to the broker with files of one's own; all empty: what the servers' URLs say. */
  public record Tls(
      @Setting("PEM file with the certificate authorities to trust.") Optional<Path> caFile,
      @Setting("PEM file with this client's certificate, where the broker asks for one.")
          Optional<Path> certificateFile,
      @Setting("PEM file (PKCS #8) with its private key.") Optional<Path> keyFile) {
    static final Tls NONE = new Tls(Optional.empty(), Optional.empty(), Optional.empty());

    public Tls {
      if (certificateFile.isPresent() != keyFile.isPresent()) {
        throw new IllegalArgumentException(
            "certificate_file and key_file belong together (expected: both or neither)");
      }
    }

    boolean hasFiles() {
      return caFile.isPresent() || certificateFile.isPresent();
    }
  }

  private static final Duration PING = Duration.ofSeconds(2);
  private static final int QUEUE = 65_536;

  public NatsSettings {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("servers: none (expected: at least one nats:// URL)");
    }
    if (user.isPresent() != passwordFile.isPresent()) {
      throw new IllegalArgumentException(
          "user and password_file belong together (expected: both or neither)");
    }
  }

  /** One server, without credentials and with the defaults for the rest. */
  public static NatsSettings of(String url) {
    return new NatsSettings(
        List.of(url), Optional.empty(), Optional.empty(), Optional.empty(), Tls.NONE, PING, QUEUE);
  }
}
