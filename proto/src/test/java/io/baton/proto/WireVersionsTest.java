package io.baton.proto;

import static org.assertj.core.api.Assertions.assertThat;

import io.baton.proto.v1.WorkerCard;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireVersionsTest {
  @Test
  void aWorkerOfBeforeTheListSpeaksTheFirstVersion() throws Exception {
    WorkerCard before = WorkerCard.newBuilder().setWorkerId("w").build();
    assertThat(WireVersions.shared(WorkerCard.parseFrom(before.toByteArray()))).isTrue();
  }

  @Test
  void aWorkerThatSpeaksNothingOfOursIsNotForUs() {
    assertThat(WireVersions.shared(card(List.of(7, 8)))).isFalse();
    assertThat(WireVersions.shared(card(List.of(7, 1)))).isTrue();
    assertThat(WireVersions.shared(card(WireVersions.SPOKEN))).isTrue();
  }

  private static WorkerCard card(List<Integer> versions) {
    return WorkerCard.newBuilder().addAllWireVersions(versions).build();
  }
}
