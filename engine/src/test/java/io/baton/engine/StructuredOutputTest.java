package io.baton.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.baton.bridge.Constraint;
import io.baton.bridge.Constraint.Kind;
import io.baton.bridge.FinishReason;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.prompt.PromptFormat;
import io.baton.telemetry.slices.SliceExporter;
import io.baton.testkit.RandomSchemas;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Answers that must follow something do, whatever the model would rather say. */
class StructuredOutputTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int[] PROMPT = {5, 17, 300, 41, 42, 43};
  private static final int BUDGET = 400;

  private static TokenRequest request(Constraint constraint, long seed, int[] answer) {
    return free(seed, answer, false).following(constraint);
  }

  private static TokenRequest free(long seed, int[] answer, boolean ignoreEos) {
    int[] tokens = Arrays.copyOf(PROMPT, PROMPT.length + answer.length);
    System.arraycopy(answer, 0, tokens, PROMPT.length, answer.length);
    var sampling = new Sampling(1.5f, 0, 1, 0, OptionalLong.of(seed), 1, 0, 0, Map.of(), 0, -1);
    return new TokenRequest(
        Leg.AGGREGATED,
        tokens,
        sampling,
        BUDGET,
        new int[0],
        ignoreEos,
        "",
        "",
        0,
        Optional.empty());
  }

  private static BuiltinEngine start() throws EngineStartException {
    return BuiltinEngine.start(EngineSettings.cpu(TestModels.dir("baton-demo")), SliceExporter.OFF);
  }

  private static String text(PromptFormat format, RecordingSink sink) {
    boolean ended = sink.finish().reason() == FinishReason.STOP;
    int[] ids = sink.tokens();
    return format.decode(ended && ids.length > 0 ? withoutEnd(format, ids) : ids);
  }

  private static int[] withoutEnd(PromptFormat format, int[] ids) {
    String last = format.decode(new int[] {ids[ids.length - 1]});
    return last.startsWith("<|") ? Arrays.copyOf(ids, ids.length - 1) : ids;
  }

  @Test
  void everyFinishedAnswerValidates() throws Exception {
    boolean all = Boolean.parseBoolean(System.getenv("BATON_LONG_TESTS"));
    int count = all ? 2000 : 40;
    var schemas = new RandomSchemas(11);
    var format = PromptFormat.load(TestModels.dir("baton-demo"));
    var factory = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    int finished = 0;
    long tokens = 0;
    long nanos = 0;
    long free = 0;
    long freeTokens = 0;
    try (BuiltinEngine engine = start()) {
      for (int i = 0; i < count; i++) {
        String schema = schemas.next().toString();
        var sink = new RecordingSink();
        long begin = System.nanoTime();
        engine.generate(
            request(new Constraint(Kind.JSON_SCHEMA, schema), i, new int[0]), "s" + i, null, sink);
        boolean stopped = sink.finish().reason() == FinishReason.STOP;
        nanos += System.nanoTime() - begin;
        if (i % 20 == 0) {
          long freeBegin = System.nanoTime();
          freeTokens += freeAnswer(engine, i);
          free += System.nanoTime() - freeBegin;
        }
        tokens += sink.tokens().length;
        if (stopped) {
          finished++;
          String answer = text(format, sink);
          assertThat(factory.getSchema(schema).validate(JSON.readTree(answer)))
              .as("%s of %s", answer, schema)
              .isEmpty();
        }
      }
    }
    System.out.printf(
        "%d of %d answers finished within %d tokens; %d tokens, %.0f us each; free ones %.0f us%n",
        finished, count, BUDGET, tokens, nanos / 1e3 / tokens, free / 1e3 / freeTokens);
    assertThat(finished).isGreaterThanOrEqualTo(count * 95 / 100);
  }

  /** Tokens of an answer as long as those that follow something may get. */
  private static int freeAnswer(BuiltinEngine engine, int seed) throws Exception {
    var sink = new RecordingSink();
    engine.generate(free(seed, new int[0], true), "free" + seed, null, sink);
    sink.finish();
    return sink.tokens().length;
  }

  @Test
  void anAnswerThatCouldGoOnForEverEndsInTime() throws Exception {
    String schema =
        """
        {"type":"object","properties":{"tree":{"$ref":"#/$defs/tree"},"text":{"type":"string"}},
         "required":["tree","text"],"$defs":{"tree":{"type":"object","properties":
         {"children":{"type":"array","items":{"$ref":"#/$defs/tree"}}},"required":["children"]}}}
        """;
    var format = PromptFormat.load(TestModels.dir("baton-demo"));
    var validator =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);
    try (BuiltinEngine engine = start()) {
      for (int seed = 0; seed < 10; seed++) {
        var sink = new RecordingSink();
        var constraint = new Constraint(Kind.JSON_SCHEMA, schema);
        engine.generate(request(constraint, seed, new int[0]), "e" + seed, null, sink);

        assertThat(sink.finish().reason()).isEqualTo(FinishReason.STOP);
        assertThat(validator.validate(JSON.readTree(text(format, sink)))).isEmpty();
      }
    }
  }

  @Test
  void anAnswerThatCannotGoOnFailsAndDoesNotPassForComplete() throws Exception {
    var format = PromptFormat.load(TestModels.dir("baton-demo"));
    var constraint = new Constraint(Kind.REGEX, "(ab){20}c", 1);
    int[] other = format.encodeRaw("x");
    try (BuiltinEngine engine = start()) {
      var sink = new RecordingSink();
      var begun = new Constraint(constraint.kind(), constraint.text(), other.length);
      engine.generate(request(begun, 1, other), "dead", null, sink);

      assertThat(sink.failure()).hasMessageContaining("none that it must follow");
    }
  }

  @Test
  void anAnswerThatGoesOnElsewhereStillFollows() throws Exception {
    var constraint = new Constraint(Kind.REGEX, "(ab){20}c");
    var format = PromptFormat.load(TestModels.dir("baton-demo"));
    try (BuiltinEngine engine = start()) {
      var whole = new RecordingSink();
      engine.generate(request(constraint, 1, new int[0]), "whole", null, whole);
      assertThat(text(format, whole)).isEqualTo("ab".repeat(20) + "c");
      int[] begun = Arrays.copyOf(whole.tokens(), 7);
      var rest = new RecordingSink();
      var going = new Constraint(constraint.kind(), constraint.text(), begun.length);
      engine.generate(request(going, 1, begun), "rest", null, rest);
      assertThat(format.decode(begun) + text(format, rest)).isEqualTo("ab".repeat(20) + "c");
    }
  }

  @Test
  void whatCannotBeFollowedIsRefusedWithItsPlace() throws Exception {
    try (BuiltinEngine engine = start()) {
      var sink = new RecordingSink();
      var constraint = new Constraint(Kind.JSON_SCHEMA, "{\"not\":{}}");
      engine.generate(request(constraint, 1, new int[0]), "r", null, sink);
      assertThat(sink.failure()).hasMessageContaining("#/not");
    }
  }
}
