package io.baton.gateway.relay;

import com.google.protobuf.ByteString;
import io.baton.gateway.api.ApiException;
import io.baton.gateway.api.GenerationRequest;
import io.baton.gateway.api.GenerationRequest.Api;
import io.baton.gateway.api.RequestParser.Envelope;
import io.baton.gateway.fleet.FleetWorker;
import io.baton.gateway.fleet.Pool;
import io.baton.gateway.routing.RouteWishes;
import io.baton.kvblocks.BlockHashes;
import io.baton.kvrouter.Phase;
import io.baton.kvrouter.RouteRequest;
import io.baton.kvrouter.WorkerRank;
import io.baton.proto.v1.Finished;
import io.baton.proto.v1.GenerateRequest;
import io.baton.proto.v1.Handoff;
import io.baton.proto.v1.Leg;
import io.baton.proto.v1.OpenAiForm;
import io.baton.proto.v1.Role;
import io.baton.proto.v1.Sampling;
import io.baton.proto.v1.TokensForm;
import io.baton.proto.v1.Usage;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What is to be done for one request, whoever does it: the same for every attempt, except for the
 * workers to avoid.
 */
final class RequestPlan {
  /** Chunks on their way to one client at once. */
  private static final int WINDOW = 64;

  /** Tokens of answer where neither the client nor the worker names a limit. */
  private static final int UNLIMITED_ANSWER = 4096;

  private static final int SECRET_BYTES = 16;
  private static final SecureRandom SECRETS = new SecureRandom();

  private final Pool pool;
  private final String requestId;
  private final String traceId;
  private final int[] prompt;
  private final String cacheSalt;
  private final GenerateRequest original;
  private final Set<WorkerRank> excluded = new HashSet<>();
  private Optional<BlockHashes> hashes = Optional.empty();
  private RouteWishes wishes = RouteWishes.NONE;
  private String session = "";
  private Map<String, String> labels = Map.of();

  /** What the next attempt sends: prompt and answer so far, and how much is still wanted. */
  private int[] tokens;

  private int expectedOutput;
  private GenerateRequest form;

  private RequestPlan(
      Pool pool,
      String requestId,
      String traceId,
      int[] tokens,
      String cacheSalt,
      int expectedOutput,
      GenerateRequest form) {
    this.pool = pool;
    this.requestId = requestId;
    this.traceId = traceId;
    this.prompt = tokens;
    this.tokens = tokens;
    this.cacheSalt = cacheSalt;
    this.expectedOutput = expectedOutput;
    this.original = form;
    this.form = form;
  }

  /**
   * A plan in the {@code tokens} form.
   *
   * @param maxContext longest prompt plus answer; 0: unknown
   * @param sample which choice of its prompt this is, so that equal seeds give different choices
   * @throws ApiException if the prompt leaves no room for an answer
   */
  static RequestPlan ofTokens(
      Pool pool,
      String requestId,
      String traceId,
      GenerationRequest request,
      int[] tokens,
      int maxContext,
      int sample)
      throws ApiException {
    if (maxContext > 0 && tokens.length >= maxContext) {
      throw ApiException.contextTooLong(tokens.length, maxContext);
    }
    int room = maxContext > 0 ? maxContext - tokens.length : UNLIMITED_ANSWER;
    int maxTokens =
        maxContext > 0
            ? Math.min(request.maxTokens().orElse(room), room)
            : request.maxTokens().orElse(room);
    var form = TokensForm.newBuilder();
    for (int token : tokens) {
      form.addTokenIds(token);
    }
    form.setSampling(sampling(request, sample))
        .setMaxTokens(maxTokens)
        .setIgnoreEos(request.ignoreEos())
        .setCacheSalt(request.cacheSalt());
    request.format().ifPresent(format -> form.setConstraint(format.constraint()));
    return new RequestPlan(
        pool,
        requestId,
        traceId,
        tokens,
        request.cacheSalt(),
        maxTokens,
        GenerateRequest.newBuilder().setTokens(form).build());
  }

  private static Sampling sampling(GenerationRequest request, int sample) {
    Sampling sampling = request.sampling();
    return sample > 0 && sampling.hasSeed()
        ? sampling.toBuilder().setSeed(sampling.getSeed() + sample).build()
        : sampling;
  }

  /** A plan in the {@code openai} form; tokens only serve to route and may be missing. */
  static RequestPlan ofBody(
      Pool pool, String requestId, String traceId, Api api, Envelope envelope, int[] tokens) {
    var form =
        OpenAiForm.newBuilder()
            .setPath(api.path())
            .setBody(ByteString.copyFrom(envelope.body()))
            .setStream(envelope.stream());
    return new RequestPlan(
        pool,
        requestId,
        traceId,
        tokens,
        "",
        0,
        GenerateRequest.newBuilder().setOpenai(form).build());
  }

  /**
   * Who should do one leg?
   *
   * @param kvLayout what the other leg's worker hands over; empty if there is none
   * @param pinnedWorker the only one that may; empty: any
   */
  RouteRequest routeRequest(Phase phase, String kvLayout, String pinnedWorker) {
    return new RouteRequest(
        requestId,
        phase,
        tokens,
        cacheSalt,
        "",
        session,
        new RouteRequest.Limits(excluded, kvLayout, pinnedWorker, labels, false),
        expectedOutput,
        hashes,
        false);
  }

  /** The message for one worker; ids are new each time, since every leg is a request of its own. */
  GenerateRequest.Builder legRequest(FleetWorker worker, Optional<Handoff> handoff) {
    var random = ThreadLocalRandom.current();
    var request =
        form.toBuilder()
            .setRequestId(hex(random.nextLong()) + hex(random.nextLong()))
            .setRid(traceId + "-" + hex(random.nextLong()))
            .setWindow(WINDOW)
            .setLeg(handoff.isEmpty() ? Leg.LEG_AGGREGATED : leg(worker.card().getRole()));
    handoff.ifPresent(request::setHandoff);
    return request;
  }

  private static Leg leg(Role role) {
    return switch (role) {
      case ROLE_PREFILL -> Leg.LEG_PREFILL;
      case ROLE_DECODE -> Leg.LEG_DECODE;
      default -> Leg.LEG_AGGREGATED;
    };
  }

  /** A new room on a prefill worker's data plane. */
  static Handoff handoffTo(FleetWorker prefill) {
    byte[] secret = new byte[SECRET_BYTES];
    SECRETS.nextBytes(secret);
    return Handoff.newBuilder()
        .setRoom(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE))
        .setHost(prefill.card().getDataHost())
        .setPort(prefill.card().getDataPort())
        .setSecret(ByteString.copyFrom(secret))
        .build();
  }

  private static String hex(long value) {
    return HexFormat.of().toHexDigits(value);
  }

  /**
   * What the client asks of routing.
   *
   * @param model by its own name
   * @param tenant whose sessions are nobody else's
   */
  void wish(RouteWishes asked, String model, String tenant) {
    wishes = asked;
    session = asked.session().isEmpty() ? "" : tenant + "/" + asked.session();
    labels = pool.labelsFor(model, asked.labels());
  }

  RouteWishes wishes() {
    return wishes;
  }

  String traceId() {
    return traceId;
  }

  /** Keeps the prompt's hashes, so that it is hashed once however often it is routed. */
  void remember(Optional<BlockHashes> computed) {
    if (computed.isPresent()) {
      hashes = computed;
    }
  }

  /**
   * Whether another worker may go on in the middle of the answer. Penalties that count the answer's
   * tokens only would see an answer that begins anew, so those requests are not continued; nor are
   * answers that must follow something, where the engine cannot begin in the middle of it.
   */
  boolean continuable() {
    if (!original.hasTokens()) {
      return false;
    }
    if (original.getTokens().hasConstraint() && !pool.builtInEngine()) {
      return false;
    }
    Sampling sampling = original.getTokens().getSampling();
    return sampling.getPresencePenalty() == 0 && sampling.getFrequencyPenalty() == 0;
  }

  /**
   * The next attempt goes on after these tokens of the answer.
   *
   * @return whether any are still wanted
   */
  boolean continueAfter(int[] soFar) {
    TokensForm asked = original.getTokens();
    int wanted = asked.getMaxTokens() - soFar.length;
    if (soFar.length == 0 || wanted <= 0) {
      return wanted > 0;
    }
    tokens = Arrays.copyOf(prompt, prompt.length + soFar.length);
    System.arraycopy(soFar, 0, tokens, prompt.length, soFar.length);
    expectedOutput = wanted;
    hashes = Optional.empty();
    var rest = asked.toBuilder().setMaxTokens(wanted);
    for (int token : soFar) {
      rest.addTokenIds(token);
    }
    if (asked.hasConstraint()) {
      rest.setConstraint(asked.getConstraint().toBuilder().setAnswered(soFar.length));
    }
    int atLeast = asked.getSampling().getMinTokens() - soFar.length;
    rest.setSampling(
        asked.getSampling().toBuilder()
            .setMinTokens(Math.max(0, atLeast))
            // What was scored before the answer began was told then.
            .setScorePrompt(false));
    form = original.toBuilder().setTokens(rest).build();
    return true;
  }

  /** The last word of an answer that several workers wrote: with the figures of all of it. */
  Finished wholeAnswer(Finished last, AnswerFeed feed) {
    if (!original.hasTokens() || tokens.length == prompt.length) {
      return last;
    }
    Usage usage = last.getUsage();
    return last.toBuilder()
        .setUsage(
            usage.toBuilder()
                .setPromptTokens(prompt.length)
                .setCompletionTokens(feed.received())
                .setCachedTokens(Math.min(usage.getCachedTokens(), prompt.length)))
        .build();
  }

  /** Most tokens that are still wanted, with those of the prompt. */
  long expectedTokens() {
    return (long) tokens.length + expectedOutput;
  }

  /** Tokens of the prompt; 0 if nobody has counted them. */
  int promptTokens() {
    return prompt.length;
  }

  /** Avoids a worker that has failed this request. */
  void exclude(FleetWorker worker) {
    for (int rank = 0; rank < Math.max(1, worker.card().getDpSize()); rank++) {
      excluded.add(
          new WorkerRank(worker.address().workerId(), worker.address().incarnation(), rank));
    }
  }

  Pool pool() {
    return pool;
  }

  String requestId() {
    return requestId;
  }
}
