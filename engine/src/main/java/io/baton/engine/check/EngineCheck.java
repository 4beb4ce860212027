package io.baton.engine.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.engine.backend.Backend;
import io.baton.engine.backend.cpu.CpuBackend;
import io.baton.engine.model.Checkpoint;
import io.baton.engine.model.ModelException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** {@code baton engine check DIR}: is what this checkpoint computes what the reference computed? */
public final class EngineCheck {
  /** Largest error of a logit or log-probability in float32. */
  static final double TOLERANCE = 2e-3;

  private static final int BLOCK_SIZE = 16;

  private EngineCheck() {}

  /**
   * Runs all cases of {@code DIR/golden.json} (or {@code DIR/../golden/<name of DIR>.json}) and
   * prints the largest logit error and whether the greedy ids agree.
   *
   * @return exit status: 0 if everything agrees, 1 otherwise
   */
  public static int run(Path dir, PrintWriter out) {
    return run(dir, golden(dir), true, out);
  }

  /**
   * Runs all cases of a reference file.
   *
   * @param vectors whether to use the Vector API where the JVM has it
   */
  public static int run(Path dir, Path golden, boolean vectors, PrintWriter out) {
    try {
      return compare(dir, golden, vectors, out);
    } catch (ModelException | IOException e) {
      out.println(e.getMessage());
      return 1;
    } finally {
      out.flush();
    }
  }

  private static Path golden(Path dir) {
    Path beside = dir.resolve("golden.json");
    if (Files.exists(beside)) {
      return beside;
    }
    Path absolute = dir.toAbsolutePath().normalize();
    return absolute.resolveSibling("golden").resolve(absolute.getFileName() + ".json");
  }

  private static int compare(Path dir, Path golden, boolean vectors, PrintWriter out)
      throws ModelException, IOException {
    Checkpoint checkpoint = Checkpoint.read(dir);
    JsonNode reference = read(golden, dir);
    int longest = longestCase(reference);
    int blocks = longest / BLOCK_SIZE + 1;
    int threads = Runtime.getRuntime().availableProcessors();
    CaseResult worst;
    try (var backend =
        new CpuBackend(checkpoint, BLOCK_SIZE, blocks, 0, longest, threads, vectors)) {
      out.printf("%s: %s, %s%n", dir, checkpoint.config().family(), backend.describe());
      worst = runAll(backend, reference, blocks, out);
    }
    boolean good = worst.agrees();
    out.printf(
        Locale.ROOT,
        "largest logit error %.2e, largest log-probability error %.2e (limit %.0e); greedy ids %s%n",
        worst.logitError(),
        worst.logprobError(),
        TOLERANCE,
        worst.greedyAgrees() ? "agree" : "DIFFER");
    return good ? 0 : 1;
  }

  /** Longest sequence of a reference run, answer included, in tokens. */
  public static int longest(Path golden) throws IOException {
    return longestCase(read(golden, golden));
  }

  /**
   * Runs all cases of a reference file on a backend with blocks of sixteen tokens, the first of
   * which are used; the worst of all results.
   */
  public static CaseResult compare(Backend backend, Path golden, PrintWriter out)
      throws IOException {
    JsonNode reference = read(golden, golden);
    return runAll(backend, reference, longestCase(reference) / BLOCK_SIZE + 1, out);
  }

  private static JsonNode read(Path golden, Path dir) throws IOException {
    if (!Files.exists(golden)) {
      throw new IOException(golden + ": not there (expected: the reference run of " + dir + ")");
    }
    return new ObjectMapper().readTree(golden.toFile());
  }

  private static CaseResult runAll(
      Backend backend, JsonNode reference, int blocks, PrintWriter out) {
    var worst = new CaseResult("all", true, 0, 0);
    for (JsonNode node : reference.path("cases")) {
      CaseResult result = runCase(backend, reference, node, blocks);
      out.println("  " + result);
      worst = worst.worse(result);
    }
    return worst;
  }

  private static CaseResult runCase(
      Backend backend, JsonNode reference, JsonNode node, int blocks) {
    return new ReferenceCase(reference, node).run(new SingleSequence(backend, BLOCK_SIZE, blocks));
  }

  private static int longestCase(JsonNode reference) {
    int longest = 0;
    for (JsonNode node : reference.path("cases")) {
      longest = Math.max(longest, node.path("input_ids").size());
    }
    return longest + reference.path("max_new_tokens").asInt() + 1;
  }
}
