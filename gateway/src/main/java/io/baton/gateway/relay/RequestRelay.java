package io.baton.gateway.relay;

import io.baton.gateway.admission.Admission;
import io.baton.gateway.api.Answer;
import io.baton.gateway.api.AnswerFrame;
import io.baton.gateway.api.ApiException;
import io.baton.gateway.api.Delivery;
import io.baton.gateway.api.GenerationRequest;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.PassedOnAnswer;
import io.baton.gateway.api.RequestParser;
import io.baton.gateway.api.RequestParser.Envelope;
import io.baton.gateway.api.ResponseHead;
import io.baton.gateway.api.TokenizeRequest;
import io.baton.gateway.auth.Caller;
import io.baton.gateway.fleet.Fleet;
import io.baton.gateway.fleet.Pool;
import io.baton.gateway.fleet.ServedModel;
import io.baton.gateway.routing.RouteWishes;
import io.baton.gateway.trace.RequestOutcome;
import io.baton.gateway.trace.TraceRules;
import io.baton.gateway.usage.AccessRecord;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.Usage;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.TraceParent;
import io.baton.telemetry.TraceScope;
import io.baton.telemetry.slices.Attributes;
import io.baton.telemetry.slices.TraceClock;
import io.opentelemetry.api.trace.SpanKind;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one request, from its body to the end of its trace. Read top to bottom: {@link #run}
 * > {@link #prompt} or {@link #passOn} > {@link #start} > {@link Turn} > {@link #begin} > {@link
 * ChoiceRun}, one per choice > {@link Attempt} > {@link #onAnswered}, {@link #onFailed} or {@link
 * #clientGone} > {@link #conclude}. Everything happens on the request's Vert.x context.
 */
public final class RequestRelay implements ChoiceRun.Owner, RequestTimers.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(RequestRelay.class);
  private static final int CLIENT_CLOSED_REQUEST = 499;
  private static final String PRIORITY_HEADER = "x-baton-priority";
  private final Relay relay;
  private final Context context;
  private final Api api;
  private final String requestId;
  private final ResponseHead head;
  private final Optional<TraceParent> caller;
  private final Caller client;
  private final int priority;
  private final int askedLevel;
  private final TraceScope trace;
  private final SpanDraft root;
  private final long acceptedNanos;
  private final RequestTimers timers;
  private final MultiMap headers;
  private RouteWishes wishes = RouteWishes.NONE;
  private final List<ChoiceRun> runs = new ArrayList<>(1);
  private final Usage.Builder total = Usage.newBuilder();
  private String model = "";

  /** The model's own name, where the client used an alias. */
  private String served = "";

  /** The model as a metric label: only names that exist, or clients could make up labels. */
  private String modelLabel = "unknown";

  private @Nullable Turn turn;
  private @Nullable Delivery delivery;
  private @Nullable SpanDraft streamSpan;
  private long routedNanos;
  private long firstTokenNanos;
  private boolean answered;

  /** Every choice has ended as it should. */
  private boolean complete;

  /** Short word for what went wrong; empty if nothing did. */
  private String failure = "";

  private boolean clientGone;
  private boolean concluded;

  private RequestRelay(
      Relay relay, Context context, HttpServerRequest http, Api api, String id, Caller client) {
    this.relay = relay;
    this.client = client;
    this.priority = client.priority(http.getHeader(PRIORITY_HEADER));
    this.context = context;
    this.api = api;
    this.requestId = id;
    this.acceptedNanos = TraceClock.now();
    this.caller = TraceParent.parse(http.getHeader("traceparent"));
    this.askedLevel =
        relay
            .traces()
            .rules()
            .asked(http.getHeader(TraceRules.LEVEL_HEADER), http.getHeader(TraceRules.KEY_HEADER));
    this.trace =
        relay
            .tracing()
            .begin(
                http.getHeader("traceparent"),
                http.getHeader("tracestate"),
                (traceId, from) -> relay.traces().rules().decide(traceId, from, askedLevel, ""));
    this.root = trace.top(SpanNames.HTTP_REQUEST, SpanKind.SERVER, acceptedNanos);
    root.set("http.request.method", http.method().name())
        .set("http.route", api.path())
        .set("url.path", http.path())
        .set("url.scheme", http.scheme())
        .set(SpanNames.X_REQUEST_ID, id);
    HttpServerResponse response = http.response();
    this.head = new ResponseHead(response, id, trace.traceId(), api.envelope());
    response.closeHandler(v -> clientGone());
    response.headersEndHandler(v -> {
      response.putHeader(
          "server-timing", RequestEnd.serverTiming(root, acceptedNanos, routedNanos));
      if (wishes.receipt()) {
        response.putHeader(RouteWishes.RECEIPT, RequestEnd.receipts(runs));
      }
    });
    long keepAliveMillis = relay.api().keepAlive().toMillis();
    if (keepAliveMillis > 0) {
      head.keepAlive(tick -> {
        long timer = relay.vertx().setPeriodic(keepAliveMillis, t -> tick.run());
        return () -> relay.vertx().cancelTimer(timer);
      });
    }
    this.headers = http.headers();
    this.timers = new RequestTimers(relay.vertx(), relay.settings().times(), acceptedNanos, this);
  }

  /**
   * Takes a request whose body has been read.
   *
   * @param requestId the client's, or a new one
   * @param client whose key came with it
   */
  public static void accept(
      Relay relay,
      Context context,
      HttpServerRequest http,
      Api api,
      String requestId,
      Caller client,
      byte[] body) {
    var request = new RequestRelay(relay, context, http, api, requestId, client);
    relay.began(request);
    request.run(body);
  }

  /** Answers a request that was refused before its body was read, and leaves its trace. */
  public static void refuse(
      Relay relay,
      Context context,
      HttpServerRequest http,
      Api api,
      String requestId,
      ApiException error) {
    var request = new RequestRelay(relay, context, http, api, requestId, Caller.ANYBODY);
    relay.began(request);
    request.refuse(error);
  }

  private void run(byte[] body) {
    try {
      Envelope envelope = RequestParser.open(body);
      model = envelope.model();
      root.set(SpanNames.GEN_AI_OPERATION_NAME, api.operation())
          .set(SpanNames.GEN_AI_PROVIDER_NAME, "baton")
          .set(SpanNames.GEN_AI_REQUEST_MODEL, model)
          .set(SpanNames.GEN_AI_REQUEST_STREAM, envelope.stream());
      served = relay.fleet().resolve(model);
      Pool pool = relay.fleet().poolFor(served).orElseThrow(() -> relay.fleet().refusal(model));
      modelLabel = served;
      TimeLimits times = relay.settings().timesOf(served).asked(headers);
      boolean piecemeal = Fleet.takesTokens(pool) || envelope.stream();
      timers.start(piecemeal ? times : times.totalOnly());
      wishes = relay.routes().wishes(headers::get, client);
      if (relay.traces().rules().special(served)) {
        trace.decide(relay.traces().rules().decide(trace.traceId(), caller, askedLevel, served));
      }
      if (Fleet.takesTokens(pool)) {
        prompt(envelope, pool);
      } else {
        passOn(envelope, pool);
      }
    } catch (ApiException e) {
      refuse(e);
    } catch (RuntimeException e) {
      defect(e);
    }
  }

  /** The {@code tokens} form: template, tokens, and an answer made here. */
  private void prompt(Envelope envelope, Pool pool) throws ApiException {
    if (api.onlyPassedOn()) {
      throw ApiException.unsupported(
          "model",
          "model: %s has no %s (expected: a model whose workers have `api: openai`)"
              .formatted(model, api.path()));
    }
    ServedModel known =
        relay.fleet().served(served).orElseThrow(() -> relay.fleet().refusal(model));
    if (!api.generates()) {
      inspect(envelope, pool, known);
      return;
    }
    GenerationRequest request =
        RequestParser.parse(api, envelope, known.samplingDefaults(), relay.api().rejectUnknown());
    relay.api().checkChoices(request);
    known.checkTools(request.tools());
    if (request.sampling().getScorePrompt() && !pool.scoresPrompts()) {
      throw ApiException.unsupported(
          "echo", "echo: the engine of this model does not score prompts (expected: no logprobs)");
    }
    int bytes = envelope.body().length;
    then(
        relay
            .formats()
            .run(relay.vertx(), request, pool.builtInEngine())
            .compose(asked ->
                PromptStage.runAll(relay, root, known, asked, bytes)
                    .map(prompts -> new TokenChoices(known, asked, prompts))),
        choices -> {
          Answer answer =
              choices.answer(head, frame(known, choices.prompts()), relay.api().reasoningField());
          deliverBy(answer);
          for (TokenChoices.Choice choice : choices.all()) {
            relay.api().checkPrompt(choice.tokens().length);
            var plan =
                RequestPlan.ofTokens(
                    pool,
                    requestId,
                    trace.traceId(),
                    choices.request(),
                    choice.tokens(),
                    pool.maxContext(),
                    choice.sample());
            run(plan, () -> choices.feed(answer, choice));
          }
          start();
        });
  }

  /** What needs the tokenizer but no engine. */
  private void inspect(Envelope envelope, Pool pool, ServedModel known) throws ApiException {
    TokenizeRequest request = TokenizeRequest.parse(api, envelope, relay.api().rejectUnknown());
    known.checkTools(request.tools());
    then(
        PromptStage.inspect(relay, root, known, request, envelope.body().length),
        prompt -> {
          answered = true;
          flush(
              head.json(
                  200,
                  TextUtilities.answer(api, request, known, List.of(prompt), pool.maxContext())));
        });
  }

  private AnswerFrame frame(ServedModel known, List<ReadPrompt> prompts) {
    int promptTokens = prompts.stream().mapToInt(prompt -> prompt.ids().length).sum();
    long created = TimeUnit.NANOSECONDS.toSeconds(acceptedNanos);
    return new AnswerFrame(
        api.idPrefix() + requestId, model, created, known.fingerprint(), promptTokens);
  }

  /** The {@code openai} form: the body goes on as it came; tokens are needed only to route. */
  private void passOn(Envelope asked, Pool pool) {
    Envelope envelope = served.equals(model) ? asked : asked.renamed(served);
    then(
        PromptStage.forRouting(relay, root, api, envelope, relay.fleet().served(served)),
        tokens -> {
          var answer =
              new PassedOnAnswer(
                  head, api.idPrefix() + requestId, model, envelope.stream(), api.namesEvents());
          deliverBy(answer);
          run(
              RequestPlan.ofBody(pool, requestId, trace.traceId(), api, envelope, tokens),
              () -> new PassThroughFeed(answer));
          start();
        });
  }

  private void run(RequestPlan plan, Supplier<AnswerFeed> feeds) {
    plan.wish(wishes, served, client.name());
    runs.add(new ChoiceRun(relay, context, plan, feeds, root, timers::remainingMillis, this));
  }

  private void deliverBy(Delivery made) {
    delivery = made;
    if (timers.commitDue()) {
      made.commit();
    }
  }

  /** Waits for the request's turn, which is at once where nothing is full. */
  private void start() {
    long tokens = runs.stream().mapToLong(ChoiceRun::tokens).sum();
    var ask =
        new Admission.Ask(
            served, client.name(), client.limits(), priority, tokens, timers.waitLeft());
    turn = new Turn(relay.admission(), ask, context, root, this::begin, this::refuse);
    turn.take();
  }

  private void begin() {
    routedNanos = TraceClock.now();
    try {
      for (ChoiceRun run : runs) {
        if (!over()) {
          run.start();
        }
      }
    } catch (ApiException e) {
      refuse(e);
    }
  }

  /** Goes on when a stage is done, unless the client has left or the deadline has passed. */
  private <T> void then(Future<T> stage, Step<T> next) {
    stage.onComplete(done -> {
      if (answered || clientGone) {
        conclude();
        return;
      }
      try {
        if (done.failed()) {
          throw done.cause();
        }
        next.run(done.result());
      } catch (ApiException e) {
        refuse(e);
      } catch (Throwable e) {
        defect(e);
      }
    });
  }

  private interface Step<T> {
    void run(T result) throws ApiException;
  }

  @Override
  public boolean over() {
    return answered || clientGone;
  }

  @Override
  public void onProgress(ChoiceRun run) {
    if (run.feed().received() == 0) {
      return;
    }
    long now = TraceClock.now();
    timers.token(now);
    if (firstTokenNanos == 0) {
      firstTokenNanos = now;
      streamSpan = root.child(SpanNames.STREAM, SpanKind.INTERNAL, firstTokenNanos);
      streamSpan.event(SpanNames.FIRST_TOKEN, firstTokenNanos, Attributes.NONE);
      relay.metrics().firstToken(modelLabel, firstTokenNanos - acceptedNanos, root);
    }
  }

  /** A choice has ended as it should; with the last one the answer is complete. */
  @Override
  public void onAnswered(ChoiceRun run, Finished finished) {
    Usage usage = finished.getUsage();
    relay.metrics().usage(modelLabel, usage);
    total.mergeFrom(
        Usage.newBuilder()
            .setPromptTokens(total.getPromptTokens() + usage.getPromptTokens())
            .setCompletionTokens(total.getCompletionTokens() + usage.getCompletionTokens())
            .setCachedTokens(total.getCachedTokens() + usage.getCachedTokens())
            .build());
    if (!runs.stream().allMatch(ChoiceRun::answered)) {
      return;
    }
    answered = true;
    complete = true;
    root.set(SpanNames.GEN_AI_INPUT_TOKENS, total.getPromptTokens())
        .set(SpanNames.GEN_AI_OUTPUT_TOKENS, total.getCompletionTokens())
        .set(SpanNames.GEN_AI_CACHED_TOKENS, total.getCachedTokens());
    flush(requireDelivery().finish());
  }

  /** A choice cannot be made: then the request is not answered. */
  @Override
  public void onFailed(ChoiceRun run, ApiException error) {
    fail(error);
  }

  @Override
  public void onRetry(String cause) {
    relay.metrics().retried(modelLabel, cause);
  }

  @Override
  public void onRetryRefused() {
    relay.metrics().retryRefused(modelLabel);
  }

  @Override
  public void timedOut(RequestTimers.Limit limit, ApiException error) {
    if (!over()) {
      relay.metrics().timedOut(modelLabel, limit.name().toLowerCase(Locale.ROOT));
      fail(error);
    }
  }

  @Override
  public void commit() {
    if (delivery != null && !over()) {
      delivery.commit();
    }
  }

  @Override
  public boolean clientBehind() {
    return delivery != null && delivery.backlogged();
  }

  /** The request is wrong, or nobody can do it: no leg was sent. */
  private void refuse(ApiException error) {
    if (answered || clientGone) {
      return;
    }
    fail(error);
  }

  private void defect(Throwable e) {
    LOG.error("request {} (trace {}) failed in the gateway", requestId, trace.traceId(), e);
    fail(ApiException.internal());
  }

  private void fail(ApiException error) {
    if (answered) {
      return;
    }
    answered = true;
    failure = error.shortName();
    root.set(SpanNames.ERROR_TYPE, failure);
    if (error.status() >= 500) {
      root.error(error.shortName(), error.text());
    }
    cancelLegs(error.shortName());
    flush(delivery == null ? head.error(error) : delivery.fail(error));
  }

  private void clientGone() {
    if (answered || clientGone) {
      return;
    }
    clientGone = true;
    root.set(SpanNames.ERROR_TYPE, "client_gone");
    relay.metrics().clientGone(modelLabel);
    cancelLegs("client gone");
    concludeWhenLegsEnded();
  }

  private void cancelLegs(String reason) {
    runs.forEach(run -> run.cancel(reason));
  }

  /** Waits until the answer's bytes have left, then for the legs' last words. */
  private void flush(Future<Void> written) {
    long lastWriteNanos = TraceClock.now();
    if (streamSpan != null) {
      streamSpan.end(lastWriteNanos);
    }
    SpanDraft flushing = root.child(SpanNames.CLIENT_FLUSH, SpanKind.INTERNAL, lastWriteNanos);
    written.onComplete(done -> {
      flushing.end(TraceClock.now());
      concludeWhenLegsEnded();
    });
  }

  @Override
  public void onLegsEnded() {
    concludeWhenLegsEnded();
  }

  private void concludeWhenLegsEnded() {
    if ((answered || clientGone) && runs.stream().allMatch(ChoiceRun::ended)) {
      conclude();
    }
  }

  /** The one place where a request ends. */
  private void conclude() {
    if (concluded) {
      return;
    }
    concluded = true;
    timers.stop();
    head.quiet();
    Usage used = complete ? total.build() : RequestEnd.partialUsage(runs);
    if (turn != null) {
      turn.end((long) used.getPromptTokens() + used.getCompletionTokens());
    }
    int status = status();
    long now = TraceClock.now();
    if (streamSpan != null) {
      streamSpan.end(now);
    }
    root.set("http.response.status_code", status)
        .set(SpanNames.TRACE_LEVEL, trace.level())
        .set(SpanNames.ATTEMPT, RequestEnd.attempts(runs));
    if (firstTokenNanos != 0) {
      root.set(SpanNames.TTFT_SECONDS, (firstTokenNanos - acceptedNanos) / 1e9);
    }
    root.end(now);
    trace.finish(now);
    RequestOutcome outcome =
        new RequestEnd(trace, root, caller, requestId, modelLabel)
            .outcome(status, acceptedNanos, firstTokenNanos, now, runs);
    relay.traces().concluded(outcome);
    relay.ended(this);
    relay.metrics().ended(modelLabel, api.operation(), status, now - acceptedNanos, root);
    tell(status, used, now);
  }

  /** For the access log and the totals of the client's key. */
  private void tell(int status, Usage used, long now) {
    relay.keyUsage().add(client.name(), used);
    relay
        .accessLog()
        .add(
            new AccessRecord(
                requestId,
                trace.traceId(),
                root.spanId(),
                client.name(),
                api.operation(),
                model,
                status,
                clientGone ? "client_gone" : failure,
                used,
                acceptedNanos,
                routedNanos,
                firstTokenNanos,
                now,
                RequestEnd.attempts(runs),
                RequestEnd.workers(runs)));
  }

  private int status() {
    if (clientGone) {
      return CLIENT_CLOSED_REQUEST;
    }
    return delivery == null ? head.response().getStatusCode() : delivery.status();
  }

  private Delivery requireDelivery() {
    return java.util.Objects.requireNonNull(delivery, "delivery");
  }
}
