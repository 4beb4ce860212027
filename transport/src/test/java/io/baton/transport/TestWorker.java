package io.baton.transport;

import io.baton.proto.v1.Finished;
import io.baton.proto.v1.KvEvent;
import io.baton.proto.v1.RankLoad;
import io.baton.proto.v1.Tokens;
import io.baton.proto.v1.WorkerCard;
import io.baton.proto.v1.WorkerState;
import io.baton.proto.v1.WorkerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A worker without an engine: tests write its answers. */
final class TestWorker implements WorkerHandler, AutoCloseable {
  private final BrokerLink link;
  private final WorkerTransport transport;
  private final WorkerAddress address;
  private final Map<String, IncomingRequest> requests = new ConcurrentHashMap<>();
  private final List<String> cancels = new CopyOnWriteArrayList<>();
  private final List<KvEvent> cache = new ArrayList<>();
  private long lastEventId;
  private volatile boolean drained;

  private TestWorker(BrokerLink link, WorkerCard card) {
    this.link = link;
    this.address = new WorkerAddress(card.getPool(), card.getWorkerId(), card.getIncarnation());
    this.transport = new WorkerTransport(link, card, Scene.TIMINGS, this);
  }

  static TestWorker start(String url, WorkerCard card) throws BrokerUnavailableException {
    TestWorker worker = connect(url, card);
    worker.listen();
    return worker;
  }

  /** Connected, but not to be heard of before {@link #listen}. */
  static TestWorker connect(String url, WorkerCard card) throws BrokerUnavailableException {
    return new TestWorker(BrokerLink.connect(NatsSettings.of(url), card.getWorkerId()), card);
  }

  void listen() {
    transport.start();
    transport.state(WorkerState.WORKER_READY);
  }

  @Override
  public void onGenerate(IncomingRequest request) {
    requests.put(request.request().getRequestId(), request);
  }

  @Override
  public void onCancel(String requestId, String reason) {
    cancels.add(requestId + ": " + reason);
  }

  @Override
  public WorkerStatus.Builder status() {
    return WorkerStatus.newBuilder().addRanks(RankLoad.newBuilder().setRank(0));
  }

  @Override
  public synchronized SnapshotSource snapshot(int rank) {
    return new SnapshotSource(lastEventId, List.copyOf(cache));
  }

  @Override
  public void onDrain() {
    drained = true;
  }

  /** Stores blocks and tells of it. */
  synchronized void store(KvEvent event) {
    cache.add(event);
    transport.publishKvEvents(0, ++lastEventId, List.of(event));
  }

  /** Stores blocks, and the news is lost on the way. */
  synchronized void storeUnheard(KvEvent event) {
    cache.add(event);
    lastEventId++;
  }

  /** A whole answer of the tokens 0, 1, 2 ... */
  void answer(String requestId, int tokens) {
    ReplyWriter replies = replies(requestId);
    replies.accepted(-1);
    for (int id = 0; id < tokens; id++) {
      replies.tokens(Tokens.newBuilder().addIds(id).build());
    }
    replies.finished(Finished.getDefaultInstance());
  }

  boolean has(String requestId) {
    return requests.containsKey(requestId);
  }

  IncomingRequest request(String requestId) {
    IncomingRequest request = requests.get(requestId);
    if (request == null) {
      throw new AssertionError("the worker has not heard of " + requestId);
    }
    return request;
  }

  ReplyWriter replies(String requestId) {
    return request(requestId).replies();
  }

  int received() {
    return requests.size();
  }

  List<String> cancels() {
    return cancels;
  }

  boolean drained() {
    return drained;
  }

  WorkerAddress address() {
    return address;
  }

  WorkerTransport transport() {
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
