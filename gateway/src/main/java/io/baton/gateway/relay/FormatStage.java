package io.baton.gateway.relay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.baton.gateway.api.AnswerFormat;
import io.baton.gateway.api.ApiException;
import io.baton.gateway.api.GenerationRequest;
import io.baton.gateway.api.ToolUse;
import io.baton.prompt.grammar.Grammar;
import io.baton.prompt.grammar.GrammarException;
import io.baton.proto.v1.Constraint;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Settles what answers must follow before any work is done for them. What the built-in engine can
 * follow is known by compiling it, which takes up to tens of milliseconds: that is done off the
 * event loop, and what came of it is kept. Thread-safe.
 */
public final class FormatStage {
  private static final long MOST_CHARACTERS = 16 << 20;
  private static final Map<String, Object> ANY_ARGUMENTS = Map.of("type", "object");

  /** What is wrong with a constraint, if anything. */
  private final Cache<Constraint, Optional<String>> problems =
      Caffeine.newBuilder()
          .maximumWeight(MOST_CHARACTERS)
          .<Constraint, Optional<String>>weigher((c, problem) -> 100 + c.getSerializedSize())
          .build();

  private final LongAdder compiled = new LongAdder();
  private final LongAdder reused = new LongAdder();

  /** The request with what its answer must follow; as it came if that is nothing. */
  Future<GenerationRequest> run(Vertx vertx, GenerationRequest request, boolean builtIn) {
    if (request.tools().forced()) {
      return calls(vertx, request, builtIn);
    }
    if (!builtIn || request.format().isEmpty()) {
      return Future.succeededFuture(request);
    }
    AnswerFormat format = request.format().get();
    if (isFine(format)) {
      return Future.succeededFuture(request);
    }
    return vertx
        .executeBlocking(
            () -> {
              check(format);
              return request;
            },
            false)
        .map(Objects::requireNonNull);
  }

  private Future<GenerationRequest> calls(Vertx vertx, GenerationRequest request, boolean builtIn) {
    AnswerFormat wanted =
        AnswerFormat.ofCalls(request.tools().callable(), request.tools().parallel());
    if (request.ignoreEos() || request.sampling().getMinTokens() > 0) {
      String param = request.ignoreEos() ? "ignore_eos" : "min_tokens";
      return Future.failedFuture(
          ApiException.unsupported(param, param + ": not together with a tool_choice that forces"));
    }
    if (!builtIn || isFine(wanted)) {
      return Future.succeededFuture(request.following(wanted));
    }
    return vertx
        .executeBlocking(() -> request.following(within(wanted, request.tools())), false)
        .map(Objects::requireNonNull);
  }

  /**
   * Calls whose arguments the built-in engine can follow: of tools with a schema beyond its subset,
   * any object, unless the client insists on the schema.
   */
  private AnswerFormat within(AnswerFormat wanted, ToolUse tools) throws ApiException {
    if (problem(wanted.constraint()).isEmpty()) {
      return wanted;
    }
    Map<String, Map<String, Object>> followed = new LinkedHashMap<>();
    for (var tool : tools.callable().entrySet()) {
      AnswerFormat alone = AnswerFormat.ofCalls(Map.of(tool.getKey(), tool.getValue()), true);
      Optional<String> problem = problem(alone.constraint());
      if (problem.isPresent() && tools.strict().contains(tool.getKey())) {
        throw ApiException.unsupported("tools", "tools: " + tool.getKey() + ": " + problem.get());
      }
      followed.put(tool.getKey(), problem.isPresent() ? ANY_ARGUMENTS : tool.getValue());
    }
    AnswerFormat reduced = AnswerFormat.ofCalls(followed, tools.parallel());
    check(reduced);
    return reduced;
  }

  private boolean isFine(AnswerFormat format) {
    Optional<String> known = problems.getIfPresent(format.constraint());
    if (known == null || known.isPresent()) {
      return false;
    }
    reused.increment();
    return true;
  }

  private void check(AnswerFormat format) throws ApiException {
    Optional<String> problem = problem(format.constraint());
    if (problem.isPresent()) {
      throw ApiException.unsupported(format.param(), format.param() + ": " + problem.get());
    }
  }

  private Optional<String> problem(Constraint constraint) {
    return problems.get(constraint, this::compile);
  }

  private Optional<String> compile(Constraint constraint) {
    compiled.increment();
    try {
      switch (constraint.getSourceCase()) {
        case JSON_SCHEMA -> Grammar.ofSchema(constraint.getJsonSchema());
        case REGEX -> Grammar.ofRegex(constraint.getRegex());
        default -> {
          return Optional.of("not done by the engine of this model (expected: regex or a schema)");
        }
      }
      return Optional.empty();
    } catch (GrammarException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Schemas and expressions that were compiled to know whether they can be followed. */
  public long compiled() {
    return compiled.sum();
  }

  /** Times that one had been compiled before. */
  public long reused() {
    return reused.sum();
  }

  /** Schemas and expressions that are kept. */
  public long kept() {
    return problems.estimatedSize();
  }
}
