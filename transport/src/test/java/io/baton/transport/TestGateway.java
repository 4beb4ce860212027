package io.baton.transport;

import static org.awaitility.Awaitility.await;

import io.baton.proto.v1.GenerateRequest;
import java.util.List;
import java.util.Map;

/** A gateway without HTTP: tests send its requests. */
final class TestGateway implements AutoCloseable {
  private final BrokerLink link;
  private final FleetLog fleet = new FleetLog();
  private final GatewayTransport transport;

  private TestGateway(BrokerLink link, String namespace, String id) {
    this.link = link;
    this.transport =
        new GatewayTransport(link, namespace, List.of(Scene.POOL), id, Scene.TIMINGS, fleet);
  }

  static TestGateway start(String url, String namespace, String id)
      throws BrokerUnavailableException {
    var gateway = new TestGateway(BrokerLink.connect(NatsSettings.of(url), id), namespace, id);
    gateway.transport.start();
    return gateway;
  }

  /** Waits until it knows this life of a worker. */
  void awaitKnows(TestWorker worker) {
    String entry = "worker " + worker.address().workerId() + " " + worker.address().incarnation();
    await().until(() -> fleet.count(entry) > 0);
  }

  Answer send(WorkerAddress to, String requestId, int window) throws PayloadTooLargeException {
    return send(to, GenerateRequest.newBuilder().setRequestId(requestId).setWindow(window));
  }

  Answer send(WorkerAddress to, GenerateRequest.Builder request) throws PayloadTooLargeException {
    return send(to, request, Map.of());
  }

  Answer send(WorkerAddress to, GenerateRequest.Builder request, Map<String, String> headers)
      throws PayloadTooLargeException {
    var answer = new Answer();
    answer.stream(transport.send(to, request, headers, answer));
    return answer;
  }

  FleetLog fleet() {
    return fleet;
  }

  GatewayTransport transport() {
    return transport;
  }

  BrokerLink link() {
    return link;
  }

  /** Gone without last words, as by {@code kill -9}. */
  void vanish() {
    link.close();
    transport.close();
  }

  @Override
  public void close() {
    transport.close();
    link.close();
  }
}
