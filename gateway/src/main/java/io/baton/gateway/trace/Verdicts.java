package io.baton.gateway.trace;

import com.google.protobuf.ByteString;
import io.baton.transport.GatewayTraceLink;
import io.baton.transport.WorkerAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Collects verdicts per worker, so that many go in one message. Of one thread. */
final class Verdicts {
  private record Batch(List<ByteString> keep, List<ByteString> drop) {}

  private final GatewayTraceLink link;
  private final Map<WorkerAddress, Batch> batches = new HashMap<>();

  Verdicts(GatewayTraceLink link) {
    this.link = link;
  }

  void add(RequestOutcome outcome, boolean keep) {
    ByteString id = ByteString.copyFrom(HexFormat.of().parseHex(outcome.traceId()));
    outcome.legs().stream()
        .map(RequestOutcome.LegOutcome::worker)
        .distinct()
        .forEach(worker -> {
          Batch batch =
              batches.computeIfAbsent(worker, w -> new Batch(new ArrayList<>(), new ArrayList<>()));
          (keep ? batch.keep() : batch.drop()).add(id);
        });
  }

  /** Tells all; what cannot be told now is kept by the workers, who then wait in vain. */
  void send() {
    batches.forEach((worker, batch) -> link.tellVerdicts(worker, batch.keep(), batch.drop()));
    batches.clear();
  }
}
