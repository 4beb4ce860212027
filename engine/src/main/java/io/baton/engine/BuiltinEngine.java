package io.baton.engine;

import io.baton.bridge.EngineCard;
import io.baton.bridge.EngineCard.HandoffCard;
import io.baton.bridge.EngineCard.HandoffStyle;
import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.EngineException;
import io.baton.bridge.EngineException.Kind;
import io.baton.bridge.EngineLoad;
import io.baton.bridge.TokenEngine;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.bridge.TokenSink;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.BackendException;
import io.baton.engine.blocks.BlockPool;
import io.baton.engine.handoff.DataPlane;
import io.baton.engine.model.Checkpoint.GenerationDefaults;
import io.baton.engine.model.ModelException;
import io.baton.engine.sampling.TokenMask;
import io.baton.engine.scheduler.Scheduler;
import io.baton.engine.scheduler.SchedulerCounters;
import io.baton.engine.scheduler.SchedulerLimits;
import io.baton.engine.scheduler.Sequence;
import io.baton.prompt.grammar.GrammarException;
import io.baton.telemetry.slices.Attributes;
import io.baton.telemetry.slices.RequestTrace;
import io.baton.telemetry.slices.SliceExporter;
import io.baton.telemetry.slices.Stage;
import io.baton.telemetry.slices.StageLatencies;
import io.baton.telemetry.slices.TraceClock;
import io.baton.telemetry.slices.TraceHeader;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The built-in engine. All methods may be called from any thread. */
public final class BuiltinEngine implements TokenEngine {
  private static final Logger LOG = LoggerFactory.getLogger(BuiltinEngine.class);
  private static final long CLOSE_MILLIS = 5_000;

  /** Waiting so long is worth one level of priority. */
  private static final long AGING_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final EngineSettings settings;
  private final SliceExporter exporter;
  private final EngineParts parts;
  private final BlockPool pool;
  private final SchedulerCounters counters = new SchedulerCounters();
  private final Scheduler scheduler;
  private final StepLoop loop;
  private final DataPlane dataPlane;
  private final InFlight inFlight;
  private final RequestCheck check;
  private final EngineCard card;
  private final Constraints constraints;
  private volatile @Nullable String broken;
  private final AtomicReference<@Nullable Consumer<String>> lostListener = new AtomicReference<>();
  private volatile boolean closing;

  private BuiltinEngine(EngineSettings settings, SliceExporter exporter, EngineParts parts)
      throws IOException {
    this.settings = settings;
    this.exporter = exporter;
    this.parts = parts;
    Backend backend = parts.backend();
    pool = new BlockPool(parts.blocks(), settings.cache().hostBlocks(), new BackendCopies(backend));
    dataPlane =
        settings.role() == Role.PREFILL
            ? DataPlane.listening(settings.dataPlane(), backend, this::post)
            : DataPlane.connecting(settings.dataPlane(), backend, this::post);
    scheduler =
        new Scheduler(limits(settings), backend, pool, dataPlane, System::nanoTime, counters);
    loop = new StepLoop(scheduler, this::onBroken);
    inFlight = new InFlight(settings.limits().maxRunning() + settings.limits().maxQueued());
    int[] eos = parts.eosTokenIds().stream().mapToInt(Integer::intValue).toArray();
    check = new RequestCheck(settings.role(), backend.vocabSize(), parts.maxContext(), eos);
    card = makeCard();
    constraints = Constraints.of(settings.modelDir(), backend);
  }

  @Override
  public Map<String, LongSupplier> counters() {
    var all = new LinkedHashMap<>(constraints.counters());
    all.putAll(parts.backend().counters());
    return all;
  }

  /**
   * Loads the model, takes the KV memory, opens the data plane (prefill engines) and starts the
   * step thread.
   *
   * @param exporter where finished requests' slices go; {@link SliceExporter#OFF} for none
   * @throws EngineStartException if the checkpoint cannot be served or a port cannot be bound
   */
  public static BuiltinEngine start(EngineSettings settings, SliceExporter exporter)
      throws EngineStartException {
    EngineParts parts;
    try {
      parts = EngineParts.of(settings);
    } catch (ModelException | IllegalArgumentException e) {
      throw new EngineStartException(String.valueOf(e.getMessage()), e);
    }
    try {
      var engine = new BuiltinEngine(settings, exporter, parts);
      engine.loop.start();
      return engine;
    } catch (IOException e) {
      parts.backend().close();
      throw new EngineStartException(String.valueOf(e.getMessage()), e);
    }
  }

  private static SchedulerLimits limits(EngineSettings settings) {
    return new SchedulerLimits(
        settings.cache().blockSize(),
        settings.limits().maxRunning(),
        settings.limits().maxBatchTokens(),
        settings.cache().prefixReuse(),
        settings.speculation().draftTokens(),
        settings.speculation().ngram(),
        AGING_NANOS);
  }

  private EngineCard makeCard() {
    String version = BuiltinEngine.class.getPackage().getImplementationVersion();
    return new EngineCard(
        "baton-" + parts.backend().name(),
        version == null ? "dev" : version,
        settings.role(),
        List.of(settings.modelName()),
        1,
        settings.cache().blockSize(),
        parts.blocks(),
        parts.maxContext(),
        inFlight.most(),
        settings.cache().prefixReuse(),
        parts.tokenizerSha256(),
        parts.eosTokenIds(),
        handoffCard());
  }

  private Optional<HandoffCard> handoffCard() {
    String layout = parts.backend().layout().fingerprint();
    String advertised = settings.dataPlane().advertisedHost();
    String host = advertised.isEmpty() ? settings.dataPlane().bindHost() : advertised;
    return switch (settings.role()) {
      case AGGREGATED -> Optional.empty();
      case PREFILL ->
          Optional.of(new HandoffCard(HandoffStyle.ROOM, host, dataPlane.port(), layout));
      case DECODE -> Optional.of(new HandoffCard(HandoffStyle.ROOM, "", 0, layout));
    };
  }

  @Override
  public void generate(
      TokenRequest request, String rid, @Nullable TraceHeader externalTraceHeader, TokenSink sink) {
    generate(request, rid, externalTraceHeader, sink, null);
  }

  /**
   * As {@link TokenEngine#generate}, with a mask over the tokens that may come.
   *
   * @param mask called on the step thread; null: all tokens may come
   */
  public void generate(
      TokenRequest request,
      String rid,
      @Nullable TraceHeader externalTraceHeader,
      TokenSink sink,
      @Nullable TokenMask mask) {
    long arrival = System.nanoTime();
    String problem = check.problem(request);
    if (problem != null) {
      sink.onFailed(new EngineException(Kind.INVALID_REQUEST, problem, true));
      return;
    }
    String down = broken;
    if (closing || down != null) {
      String reason = down == null ? "engine is closing" : down;
      sink.onFailed(new EngineException(Kind.ENGINE, reason, true));
      return;
    }
    TokenMask following = mask;
    if (mask == null && request.constraint().isPresent()) {
      try {
        following =
            constraints.mask(
                request.constraint().get(), check.endTokens(request), check.wholeLimit(request));
      } catch (GrammarException e) {
        sink.onFailed(
            new EngineException(Kind.INVALID_REQUEST, "constraint: " + e.getMessage(), true));
        return;
      }
    }
    InFlight.Entry entry = inFlight.reserve();
    if (entry == null) {
      sink.onFailed(
          new EngineException(
              Kind.BUSY,
              "requests: " + inFlight.most() + " are in flight, the most allowed",
              true));
      return;
    }
    if (!inFlight.enter(rid, entry)) {
      sink.onFailed(
          new EngineException(Kind.INVALID_REQUEST, "rid: " + rid + " runs already", true));
      return;
    }
    RequestTrace trace = startTrace(request, rid, externalTraceHeader, arrival);
    submit(request, rid, trace, sink, following, entry);
  }

  private void submit(
      TokenRequest request,
      String rid,
      @Nullable RequestTrace trace,
      TokenSink sink,
      @Nullable TokenMask mask,
      InFlight.Entry entry) {
    long seed = request.sampling().seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
    var sequence =
        new Sequence(
            request,
            rid,
            inFlight.guard(rid, sink),
            trace,
            mask,
            check.endTokens(request),
            check.limit(request),
            seed,
            System.nanoTime());
    entry.sequence = sequence;
    post(() -> {
      scheduler.submit(sequence);
      if (entry.cancelled()) {
        scheduler.cancel(sequence);
      }
    });
  }

  /** The submitting thread's part of the trace ends where the scheduler's begins. */
  private @Nullable RequestTrace startTrace(
      TokenRequest request, String rid, @Nullable TraceHeader header, long arrival) {
    String role =
        request.leg() == Leg.AGGREGATED ? "" : card.role().name().toLowerCase(Locale.ROOT);
    long room = request.handoff().map(TokenRequest.Handoff::room).orElse(0L);
    RequestTrace trace =
        RequestTrace.start(exporter, header, role, rid, room, TraceClock.at(arrival));
    if (trace != null) {
      var thread = trace.thread("Tokenizer", null, TraceClock.at(arrival));
      thread.slice(
          Stage.API_SERVER_DISPATCH, TraceClock.at(arrival), TraceClock.now(), Attributes.NONE);
    }
    return trace;
  }

  @Override
  public void cancel(String rid) {
    InFlight.Entry entry = inFlight.find(rid);
    if (entry != null && entry.cancelOnce()) {
      post(() -> {
        Sequence sequence = entry.sequence;
        if (sequence != null) {
          scheduler.cancel(sequence);
        }
      });
    }
  }

  @Override
  public EngineCard card() {
    return card;
  }

  /** How the model's makers want it sampled, if there is a checkpoint. */
  public Optional<GenerationDefaults> generationDefaults() {
    return parts.defaults();
  }

  @Override
  public List<EngineLoad> load() {
    SchedulerCounters.Queues queues = counters.queues;
    return List.of(
        new EngineLoad(
            0,
            queues.running() + queues.sending() + queues.receiving(),
            queues.waiting() + queues.inRoom(),
            pool.used(),
            pool.size(),
            queues.waitingTokens()));
  }

  /** What it has done and holds. */
  public EngineStats stats() {
    SchedulerCounters.Queues queues = counters.queues;
    return new EngineStats(
        counters.steps.sum(),
        counters.prefillTokens.sum(),
        counters.decodeTokens.sum(),
        counters.cachedTokens.sum(),
        counters.generatedTokens.sum(),
        counters.accepted.sum(),
        counters.finished.sum(),
        counters.retracts.sum(),
        queues.running() + queues.sending() + queues.receiving(),
        queues.waiting() + queues.inRoom(),
        queues.waitingTokens(),
        pool.used(),
        pool.cached(),
        pool.size(),
        pool.hostUsed(),
        pool.evicted(),
        pool.loaded(),
        counters.sentBlocks.sum(),
        counters.sentBytes.sum(),
        counters.receivedBlocks.sum(),
        counters.receivedBytes.sum(),
        counters.failedHandoffs.sum(),
        counters.draftTokens.sum(),
        counters.acceptedDraftTokens.sum(),
        counters.longestStepNanos.get());
  }

  /** Where its requests are, as of the last step. */
  public SchedulerCounters.Queues queues() {
    return counters.queues;
  }

  /** How long its stages took so far. */
  public StageLatencies stageLatencies() {
    return counters.stages;
  }

  @Override
  public void onKvEvents(KvEventListener listener) {
    scheduler.onKvEvents(listener);
  }

  @Override
  public KvSnapshot kvSnapshot(int rank) {
    return pool.snapshot();
  }

  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    var empty = new CountDownLatch(1);
    post(() -> scheduler.cancelAll("engine is closing"));
    if (!loop.ended()) {
      awaitEmpty(empty);
    }
    dataPlane.close();
    loop.close(CLOSE_MILLIS);
    inFlight.failAll("engine is closing");
    closeBackend();
  }

  /** A device that is lost cannot even take its memory back; the process's end does. */
  private void closeBackend() {
    try {
      parts.backend().close();
    } catch (BackendException e) {
      if (broken == null) {
        throw e;
      }
      LOG.debug("the backend of a broken engine could not be closed: {}", e.getMessage());
    }
  }

  private void awaitEmpty(CountDownLatch empty) {
    post(() -> countDownWhenEmpty(empty));
    try {
      if (!empty.await(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
        LOG.warn("requests are still there {} ms after they were cancelled", CLOSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void countDownWhenEmpty(CountDownLatch empty) {
    if (scheduler.empty()) {
      empty.countDown();
    } else {
      scheduler.onceEmpty(empty::countDown);
    }
  }

  private void post(Runnable command) {
    loop.post(command);
  }

  private void onBroken(Throwable cause) {
    String reason = "engine has failed: " + cause;
    broken = reason;
    inFlight.failAll(reason);
    tellLost();
  }

  @Override
  public void onLost(Consumer<String> listener) {
    lostListener.set(listener);
    tellLost();
  }

  /**
   * The one who finds both, a reason and a listener, tells; the listener is taken, so only once.
   */
  private void tellLost() {
    String reason = broken;
    if (reason != null) {
      Consumer<String> listener = lostListener.getAndSet(null);
      if (listener != null) {
        listener.accept(reason);
      }
    }
  }

  /** Copies between the tiers, done by the backend. */
  private record BackendCopies(Backend backend) implements BlockPool.TierCopies {
    @Override
    public void copyToHost(int block, int hostBlock) {
      backend.copyToHost(block, hostBlock);
    }

    @Override
    public void copyFromHost(int hostBlock, int block) {
      backend.copyFromHost(hostBlock, block);
    }
  }
}
