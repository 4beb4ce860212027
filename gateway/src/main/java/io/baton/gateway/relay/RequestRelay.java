package io.baton.gateway.relay;

import io.baton.gateway.api.ApiException;
import io.baton.gateway.api.GenerationRequest;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.PassedOnAnswer;
import io.baton.gateway.api.RequestParser;
import io.baton.gateway.api.RequestParser.Envelope;
import io.baton.gateway.api.ResponseHead;
import io.baton.gateway.api.StreamedAnswer;
import io.baton.gateway.api.UnaryAnswer;
import io.baton.gateway.fleet.Fleet;
import io.baton.gateway.fleet.Pool;
import io.baton.gateway.fleet.ServedModel;
import io.baton.proto.v1.FinishReason;
import io.baton.proto.v1.Finished;
import io.baton.telemetry.SpanDraft;
import io.baton.telemetry.SpanNames;
import io.baton.telemetry.TraceScope;
import io.baton.telemetry.slices.Attributes;
import io.baton.telemetry.slices.TraceClock;
import io.opentelemetry.api.trace.SpanKind;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one request, from its body to the end of its trace. Read top to bottom: {@link #run}
 * > {@link #prompt} or {@link #passOn} > {@link #attempt} > {@link Attempt} > {@link #onAnswered},
 * {@link #onAttemptFailed} or {@link #clientGone} > {@link #conclude}. Everything happens on the
 * request's Vert.x context.
 */
public final class RequestRelay implements Attempt.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(RequestRelay.class);
  private static final int CLIENT_CLOSED_REQUEST = 499;
  private final Relay relay;
  private final Context context;
  private final Api api;
  private final String requestId;
  private final ResponseHead head;
  private final TraceScope trace;
  private final SpanDraft root;
  private final long acceptedNanos;
  private final long deadlineTimer;
  private final List<Attempt> attempts = new ArrayList<>(1);
  private String model = "";

  /** The model as a metric label: only names that exist, or clients could make up labels. */
  private String modelLabel = "unknown";

  private @Nullable RequestPlan plan;
  private @Nullable AnswerFeed feed;
  private @Nullable SpanDraft streamSpan;
  private long firstTokenNanos;
  private boolean answered;
  private boolean clientGone;
  private boolean concluded;

  private RequestRelay(Relay relay, Context context, HttpServerRequest http, Api api, String id) {
    this.relay = relay;
    this.context = context;
    this.api = api;
    this.requestId = id;
    this.acceptedNanos = TraceClock.now();
    this.trace =
        relay
            .tracing()
            .begin(http.getHeader("traceparent"), http.getHeader("tracestate"), relay.traceLevel());
    this.root = trace.top(SpanNames.HTTP_REQUEST, SpanKind.SERVER, acceptedNanos);
    root.set("http.request.method", http.method().name())
        .set("http.route", api.path())
        .set("url.path", http.path())
        .set("url.scheme", http.scheme())
        .set(SpanNames.X_REQUEST_ID, id)
        .set(SpanNames.TRACE_LEVEL, trace.level());
    HttpServerResponse response = http.response();
    this.head = new ResponseHead(response, id, trace.traceId());
    response.closeHandler(v -> clientGone());
    this.deadlineTimer =
        relay.vertx().setTimer(relay.settings().requestTimeout().toMillis(), t -> deadline());
  }

  /**
   * Takes a request whose body has been read.
   *
   * @param requestId the client's, or a new one
   */
  public static void accept(
      Relay relay,
      Context context,
      HttpServerRequest http,
      Api api,
      String requestId,
      byte[] body) {
    var request = new RequestRelay(relay, context, http, api, requestId);
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
    var request = new RequestRelay(relay, context, http, api, requestId);
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
      Pool pool = relay.fleet().poolFor(model).orElseThrow(() -> relay.fleet().refusal(model));
      modelLabel = model;
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
    ServedModel served =
        relay.fleet().served(model).orElseThrow(() -> relay.fleet().refusal(model));
    GenerationRequest request = RequestParser.parse(api, envelope, served.samplingDefaults());
    then(
        PromptStage.run(relay, root, served, request.input(), envelope.body().length),
        tokens -> {
          plan =
              RequestPlan.ofTokens(
                  pool, requestId, trace.traceId(), request, tokens, pool.maxContext());
          feed = tokenFeed(served, request, tokens.length);
          attempt();
        });
  }

  private AnswerFeed tokenFeed(ServedModel served, GenerationRequest request, int promptTokens) {
    String id = api.idPrefix() + requestId;
    long created = TimeUnit.NANOSECONDS.toSeconds(acceptedNanos);
    var answer =
        request.stream()
            ? new StreamedAnswer(head, api, id, model, created, request.includeUsage())
            : new UnaryAnswer(head, api, id, model, created);
    return new TokenFeed(
        answer, served.detokenizer(), served.stopStrings(request.stop()), promptTokens);
  }

  /** The {@code openai} form: the body goes on as it came; tokens are needed only to route. */
  private void passOn(Envelope envelope, Pool pool) {
    then(
        PromptStage.forRouting(relay, root, api, envelope, relay.fleet().served(model)),
        tokens -> {
          plan = RequestPlan.ofBody(pool, requestId, trace.traceId(), api, envelope, tokens);
          feed =
              new PassThroughFeed(
                  new PassedOnAnswer(head, api.idPrefix() + requestId, model, envelope.stream()));
          attempt();
        });
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

  /** Routes and sends, with new workers each time. */
  private void attempt() throws ApiException {
    int number = attempts.size() + 1;
    attempts.add(
        Attempt.open(relay, context, requirePlan(), number, root, remainingMillis(), this));
  }

  @Override
  public void onProgress() {
    AnswerFeed to = requireFeed();
    if (firstTokenNanos == 0 && to.received() > 0) {
      firstTokenNanos = TraceClock.now();
      streamSpan = root.child(SpanNames.STREAM, SpanKind.INTERNAL, firstTokenNanos);
      streamSpan.event(SpanNames.FIRST_TOKEN, firstTokenNanos, Attributes.NONE);
      relay.metrics().firstToken(modelLabel, firstTokenNanos - acceptedNanos);
    }
  }

  /** The answering leg has ended as it should. */
  @Override
  public void onAnswered(Finished finished) {
    if (answered || clientGone) {
      concludeWhenLegsEnded();
      return;
    }
    answered = true;
    AnswerFeed to = requireFeed();
    Finished whole = attempts.size() > 1 ? requirePlan().wholeAnswer(finished, to) : finished;
    root.set(SpanNames.GEN_AI_INPUT_TOKENS, whole.getUsage().getPromptTokens())
        .set(SpanNames.GEN_AI_OUTPUT_TOKENS, whole.getUsage().getCompletionTokens())
        .set(SpanNames.GEN_AI_CACHED_TOKENS, whole.getUsage().getCachedTokens());
    relay.metrics().usage(modelLabel, whole.getUsage());
    flush(to.finish(whole));
  }

  /** An attempt is over without an answer. */
  @Override
  public void onAttemptFailed(AttemptFailure failure) {
    if (answered || clientGone) {
      concludeWhenLegsEnded();
      return;
    }
    var recovery = Recovery.from(failure, requirePlan(), requireFeed(), relay, attempts.size());
    if (recovery == Recovery.NONE) {
      fail(failure.error());
      return;
    }
    relay.metrics().retried(modelLabel, failure.cause());
    root.event(
        recovery.label(),
        TraceClock.now(),
        Attributes.of("cause", failure.cause()).with("attempt", attempts.size()));
    requirePlan().exclude(failure.worker());
    if (recovery == Recovery.MIGRATE
        && !requirePlan().continueAfter(requireFeed().soFar().orElseThrow())) {
      // All tokens were there, only the last word is missing.
      onAnswered(Finished.newBuilder().setReason(FinishReason.FINISH_LENGTH).build());
      return;
    }
    again(recovery, failure, TraceClock.now());
  }

  /** Another attempt; an answer that has begun waits a little for somebody to go on with it. */
  private void again(Recovery recovery, AttemptFailure failure, long sinceNanos) {
    if (answered || clientGone) {
      return;
    }
    try {
      attempt();
    } catch (ApiException e) {
      if (recovery.waits(TraceClock.now() - sinceNanos)) {
        relay.vertx().setTimer(Recovery.PAUSE_MILLIS, t -> again(recovery, failure, sinceNanos));
      } else {
        // Nobody else is left: what went wrong first is what the client should hear, not that.
        fail(failure.error());
      }
    }
  }

  private void deadline() {
    if (!answered && !clientGone) {
      fail(ApiException.deadline(relay.settings().requestTimeout().toMillis()));
    }
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
    root.set(SpanNames.ERROR_TYPE, error.shortName());
    if (error.status() >= 500) {
      root.error(error.shortName(), error.text());
    }
    cancelLegs(error.shortName());
    flush(feed == null ? head.error(error) : feed.delivery().fail(error));
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
    attempts.forEach(attempt -> attempt.cancel(reason));
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
    if ((answered || clientGone) && attempts.stream().allMatch(Attempt::ended)) {
      conclude();
    }
  }

  /** The one place where a request ends. */
  private void conclude() {
    if (concluded) {
      return;
    }
    concluded = true;
    relay.vertx().cancelTimer(deadlineTimer);
    int status = status();
    long now = TraceClock.now();
    if (streamSpan != null) {
      streamSpan.end(now);
    }
    root.set("http.response.status_code", status).set(SpanNames.ATTEMPT, attempts.size());
    if (firstTokenNanos != 0) {
      root.set(SpanNames.TTFT_SECONDS, (firstTokenNanos - acceptedNanos) / 1e9);
    }
    root.end(now);
    trace.finish(now);
    relay.ended(this);
    relay.metrics().ended(modelLabel, api.operation(), status, now - acceptedNanos);
  }

  private int status() {
    if (clientGone) {
      return CLIENT_CLOSED_REQUEST;
    }
    return feed == null ? head.response().getStatusCode() : feed.delivery().status();
  }

  private long remainingMillis() {
    long spent = TimeUnit.NANOSECONDS.toMillis(TraceClock.now() - acceptedNanos);
    return Math.max(1, relay.settings().requestTimeout().toMillis() - spent);
  }

  private RequestPlan requirePlan() {
    return java.util.Objects.requireNonNull(plan, "plan");
  }

  private AnswerFeed requireFeed() {
    return java.util.Objects.requireNonNull(feed, "feed");
  }

  @Override
  public AnswerFeed feed() {
    return requireFeed();
  }
}
