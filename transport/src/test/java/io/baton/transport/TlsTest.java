package io.baton.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.baton.config.ConfigReader;
import io.baton.config.Loaded;
import io.baton.testkit.Broker;
import io.baton.testkit.Certificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker with TLS and passwords, reached by settings as operators write them. */
class TlsTest {
  @TempDir Path folder;

  @Test
  void theBrokerIsTrustedByTheGivenAuthorityAndTheUserComesFromAFile() throws Exception {
    Certificates files = Certificates.in(folder);
    Files.writeString(folder.resolve("password"), "only-in-a-file\n");
    try (Broker broker = startWithTls(files);
        BrokerLink link =
            BrokerLink.connect(
                settings(
                    broker,
                    "tls: {ca_file: cert.pem, certificate_file: cert.pem, key_file: key.pem}"),
                "client")) {
      assertThat(link.connected()).isTrue();
      assertThat(broker.monitor("/connz?auth=1")).contains("\"tls_version\"", "\"baton\"");
    }
  }

  @Test
  void aBrokerThatNobodyVouchesForIsRefusedInOneMessage() throws Exception {
    Certificates files = Certificates.in(folder);
    Files.writeString(folder.resolve("password"), "only-in-a-file\n");
    Path others = Files.createDirectory(folder.resolve("others"));
    Certificates.in(others);
    try (Broker broker = startWithTls(files)) {
      NatsSettings distrusting = settings(broker, "tls: {ca_file: others/cert.pem}");
      assertThatThrownBy(() -> BrokerLink.connect(distrusting, "client"))
          .isInstanceOf(BrokerUnavailableException.class)
          .hasMessageContaining("nats.servers");
    }
  }

  @Test
  void aFileThatIsNoKeyIsNamed() throws Exception {
    Certificates.in(folder);
    Files.writeString(folder.resolve("password"), "x");
    Files.writeString(folder.resolve("key.pem"), "no key");
    NatsSettings settings =
        read(
            "nats://127.0.0.1:1",
            "tls: {ca_file: cert.pem, certificate_file: cert.pem, key_file: key.pem}");
    assertThatThrownBy(() -> BrokerLink.connect(settings, "client"))
        .hasMessageContaining("key.pem")
        .hasMessageContaining("PKCS #8");
  }

  private Broker startWithTls(Certificates files) throws Exception {
    return Broker.start(
        """
        authorization: {user: baton, password: only-in-a-file}
        tls: {cert_file: "%s", key_file: "%s", ca_file: "%s"}
        """
            .formatted(files.certificate(), files.key(), files.certificate()));
  }

  private NatsSettings settings(Broker broker, String tls) throws Exception {
    return read(broker.url(), tls);
  }

  private NatsSettings read(String url, String tls) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("nats.yaml"),
            "servers: [%s]\nuser: baton\npassword_file: password\n%s\n".formatted(url, tls));
    Loaded<NatsSettings> loaded =
        ConfigReader.read(NatsSettings.class, Optional.of(file), Map.of(), List.of());
    return loaded.value();
  }
}
