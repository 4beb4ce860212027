package io.baton.gateway.fleet;

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

  WorkerRank rank(int rank) {
    return new WorkerRank(address.workerId(), address.incarnation(), rank);
  }
}
