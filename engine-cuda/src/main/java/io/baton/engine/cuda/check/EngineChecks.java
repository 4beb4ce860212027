package io.baton.engine.cuda.check;

import io.baton.bridge.EngineCard.Role;
import io.baton.bridge.EngineException;
import io.baton.bridge.Finish;
import io.baton.bridge.Sampling;
import io.baton.bridge.TokenRequest;
import io.baton.bridge.TokenRequest.Handoff;
import io.baton.bridge.TokenRequest.Leg;
import io.baton.bridge.TokenSink;
import io.baton.engine.BuiltinEngine;
import io.baton.engine.EngineSettings;
import io.baton.engine.EngineSettings.BackendKind;
import io.baton.engine.EngineSettings.Cache;
import io.baton.engine.EngineSettings.Gpu;
import io.baton.engine.EngineSettings.Limits;
import io.baton.engine.EngineSettings.Speculation;
import io.baton.engine.EngineStartException;
import io.baton.telemetry.slices.SliceExporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The whole engine over the GPU, in the same words as over the CPU. */
final class EngineChecks implements CheckSuite {
  private static final int PROMPTS = 24;
  private static final int ANSWER = 40;

  @Override
  public List<GpuCheck> checks() {
    return List.of(
        new GpuCheck(
            "engine.same-ids",
            "float32: ids of the CPU, alone, in a batch, in small chunks, with graphs, warm, with speculation",
            EngineChecks::sameIds),
        new GpuCheck(
            "engine.handoff",
            "prefill and decode engines answer like one, greedy and sampled",
            EngineChecks::handoff),
        new GpuCheck("engine.sampled", "seeded sampling has the CPU's ids", EngineChecks::sampled));
  }

  private static EngineSettings settings(CheckContext c, BackendKind kind, boolean graphs) {
    return EngineSettings.cpu(c.models().resolve("baton-demo"))
        .withBackend(kind)
        .withCache(new Cache(16, 512, 0, 0, true))
        .withGpu(new Gpu(c.device().ordinal(), "auto", List.of(), 0.5, "f32", graphs, true));
  }

  private static void sameIds(CheckContext c) throws Exception {
    List<int[]> expected = answers(settings(c, BackendKind.CPU, true), PROMPTS, false);
    EngineSettings gpu = settings(c, BackendKind.CUDA, false);
    requireSame(c, expected, answers(gpu, 1, false), "one at a time");
    requireSame(c, expected, answers(gpu, PROMPTS, false), "all at once");
    requireSame(
        c,
        expected,
        answers(gpu.withLimits(new Limits(64, 1024, 20, 0)), PROMPTS, false),
        "chunks of 20");
    EngineSettings graphs = settings(c, BackendKind.CUDA, true);
    requireSame(c, expected, answers(graphs, PROMPTS, false), "with graphs");
    requireSame(c, expected, answers(graphs, 5, false), "with graphs, five at a time");
    requireSame(c, expected, answers(graphs, PROMPTS, true), "from a warm cache");
    requireSame(
        c,
        expected,
        answers(graphs.withSpeculation(new Speculation(4, 2)), PROMPTS, false),
        "with speculation");
    EngineSettings tight = graphs.withCache(new Cache(16, 80, 0, 0, true));
    requireSame(c, expected, answers(tight, PROMPTS, false), "with retracts");
  }

  private static void sampled(CheckContext c) throws Exception {
    List<int[]> expected = sampledAnswers(settings(c, BackendKind.CPU, true));
    List<int[]> found = sampledAnswers(settings(c, BackendKind.CUDA, true));
    requireSame(c, expected, found, "sampled");
  }

  private static List<int[]> sampledAnswers(EngineSettings settings) throws Exception {
    var requests = new ArrayList<TokenRequest>();
    for (int i = 0; i < PROMPTS; i++) {
      var sampling =
          new Sampling(
              0.8f,
              i % 3 == 0 ? 20 : 0,
              i % 2 == 0 ? 0.9f : 1,
              i % 5 == 0 ? 0.05f : 0,
              OptionalLong.of(i),
              i % 4 == 0 ? 1.1f : 1,
              0.1f,
              0.1f,
              Map.of(11, 1f),
              2,
              -1);
      requests.add(request(prompt(i), sampling));
    }
    return run(settings, requests, PROMPTS);
  }

  /** Greedy answers; twice if warm, of which the second ones count. */
  private static List<int[]> answers(EngineSettings settings, int atOnce, boolean warm)
      throws Exception {
    var requests = new ArrayList<TokenRequest>();
    for (int round = 0; round < (warm ? 2 : 1); round++) {
      for (int i = 0; i < PROMPTS; i++) {
        requests.add(request(prompt(i), Sampling.GREEDY));
      }
    }
    List<int[]> all = run(settings, requests, atOnce);
    return all.subList(all.size() - PROMPTS, all.size());
  }

  private static int[] prompt(int i) {
    return new SplittableRandom(i).ints(10 + 9L * i, 3, 2048).toArray();
  }

  private static TokenRequest request(int[] prompt, Sampling sampling) {
    return new TokenRequest(
        Leg.AGGREGATED, prompt, sampling, ANSWER, new int[0], true, "", "", 0, Optional.empty());
  }

  private static List<int[]> run(EngineSettings settings, List<TokenRequest> requests, int atOnce)
      throws EngineStartException, Exception {
    var answers = new ArrayList<int[]>();
    try (BuiltinEngine engine = BuiltinEngine.start(settings, SliceExporter.OFF)) {
      for (int from = 0; from < requests.size(); from += atOnce) {
        var sinks = new ArrayList<Collector>();
        for (int i = from; i < Math.min(requests.size(), from + atOnce); i++) {
          var sink = new Collector();
          sinks.add(sink);
          engine.generate(requests.get(i), "rid-" + i, null, sink);
        }
        for (Collector sink : sinks) {
          answers.add(sink.answer());
        }
      }
    }
    return answers;
  }

  private static void handoff(CheckContext c) throws Exception {
    EngineSettings settings = settings(c, BackendKind.CUDA, true);
    List<int[]> expected = answers(settings, PROMPTS, false);
    try (BuiltinEngine prefill =
            BuiltinEngine.start(settings.withRole(Role.PREFILL), SliceExporter.OFF);
        BuiltinEngine decode =
            BuiltinEngine.start(settings.withRole(Role.DECODE), SliceExporter.OFF)) {
      int port = prefill.card().handoff().orElseThrow().dataPort();
      var sinks = new ArrayList<Collector>();
      for (int i = 0; i < PROMPTS; i++) {
        var room = new Handoff(i + 1, "127.0.0.1", port, new byte[] {1, 2, 3});
        prefill.generate(leg(Leg.PREFILL, i, room), "rid-" + i, null, new Collector());
        var sink = new Collector();
        sinks.add(sink);
        decode.generate(leg(Leg.DECODE, i, room), "rid-" + i, null, sink);
      }
      var found = new ArrayList<int[]>();
      for (Collector sink : sinks) {
        found.add(sink.answer());
      }
      requireSame(c, expected, found, "prefill and decode");
      c.figure("received", decode.stats().receivedBytes(), "bytes");
      c.require(decode.stats().prefillTokens() == 0, "decode computed prompt tokens");
    }
  }

  private static TokenRequest leg(Leg leg, int i, Handoff room) {
    return new TokenRequest(
        leg, prompt(i), Sampling.GREEDY, ANSWER, new int[0], true, "", "", 0, Optional.of(room));
  }

  private static void requireSame(
      CheckContext c, List<int[]> expected, List<int[]> found, String how) {
    for (int i = 0; i < expected.size(); i++) {
      int differs = java.util.Arrays.mismatch(expected.get(i), found.get(i));
      c.require(
          differs < 0, "%s: prompt %d has another id at place %d of its answer", how, i, differs);
    }
  }

  /** Collects an answer. */
  private static final class Collector implements TokenSink {
    private static final long PATIENCE_SECONDS = 60;
    private final List<Integer> tokens = new ArrayList<>();
    private final CompletableFuture<int[]> end = new CompletableFuture<>();

    int[] answer() throws Exception {
      return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void onAccepted(int cachedTokens) {}

    @Override
    public void onTokens(int[] ids, @Nullable Logprobs logprobs) {
      for (int id : ids) {
        tokens.add(id);
      }
    }

    @Override
    public void onHandoff(byte[] parameters) {}

    @Override
    public void onFinished(Finish finish) {
      end.complete(tokens.stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public void onFailed(EngineException error) {
      end.completeExceptionally(error);
    }
  }
}
