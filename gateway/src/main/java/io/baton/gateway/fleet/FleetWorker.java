package io.baton.gateway.fleet;

import io.baton.kvrouter.Phase;
import io.baton.kvrouter.WorkerRank;
import io.baton.proto.v1.WorkerCard;
import io.baton.transport.WorkerAddress;

/**
 * A worker as its card describes it.
 *
 * @param address where requests for it go
 * @param kvRoutingOff why requests are not routed to it by prefix; empty: they are
 */
public record FleetWorker(WorkerCard card, WorkerAddress address, String kvRoutingOff) {

  public String id() {
    return address.workerId();
  }

  /** The legs that it takes. */
  public Phase phase() {
    return switch (card.getRole()) {
      case ROLE_PREFILL -> Phase.PREFILL;
      case ROLE_DECODE -> Phase.DECODE;
      default -> Phase.AGGREGATED;
    };
  }

  WorkerRank rank(int rank) {
    return new WorkerRank(address.workerId(), address.incarnation(), rank);
  }
}
