package io.baton.bridge.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who binds and who connects. */
class KvEventSourcesTest {
  @Test
  void anEngineThatBindsAWildcardIsDialledAtItsHostPerRank() {
    var sources = KvEventSources.of("10.0.0.7", "tcp://*:5557", "tcp://*:6557", "kv", 2);
    assertThat(sources)
        .containsExactly(
            new KvEventSource(
                0, "tcp://10.0.0.7:5557", false, Optional.of("tcp://10.0.0.7:6557"), "kv"),
            new KvEventSource(
                1, "tcp://10.0.0.7:5558", false, Optional.of("tcp://10.0.0.7:6558"), "kv"));
  }

  @Test
  void anEngineThatNamesAnAddressConnectsSoWeBind() {
    var source = KvEventSources.of("127.0.0.1", "tcp://127.0.0.1:5557", "", "", 1).getFirst();
    assertThat(source)
        .isEqualTo(new KvEventSource(0, "tcp://127.0.0.1:5557", true, Optional.empty(), ""));
    assertThat(KvEventSources.of("h", "ipc:///run/kv", "", "", 1).getFirst().bind()).isFalse();
  }
}
