package io.baton.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A folder in Hugging Face layout: {@code config.json}, {@code generation_config.json}, {@code
 * tokenizer.json} and safetensors.
 *
 * @param eosTokenIds tokens that end an answer: generation_config.json's, else config.json's
 * @param specialTokenIds control tokens of the tokenizer, which never stand for text
 * @param tokenizerSha256 SHA-256 of tokenizer.json in hex; empty if there is none
 * @param defaults how the model's makers want it sampled
 * @param fingerprint of configuration and tensor layout, in hex: what both ends of a handoff must
 *     have in common
 */
public record Checkpoint(
    Path dir,
    ModelConfig config,
    List<Integer> eosTokenIds,
    Set<Integer> specialTokenIds,
    String tokenizerSha256,
    GenerationDefaults defaults,
    String fingerprint) {

  /**
   * Sampling defaults of {@code generation_config.json}, for requests that do not say.
   *
   * @param temperature 0 where the file says {@code do_sample: false}; 1 where it says nothing
   * @param topK 0 means off
   * @param topP 1 means off
   * @param minP 0 means off
   * @param repetitionPenalty 1 means off
   */
  public record GenerationDefaults(
      float temperature, int topK, float topP, float minP, float repetitionPenalty) {}

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Reads what is small; the tensors are mapped by {@link #mapWeights}. */
  public static Checkpoint read(Path dir) throws ModelException {
    if (!Files.isDirectory(dir)) {
      throw new ModelException(
          "model: " + dir + " (expected: a folder with config.json and model.safetensors)");
    }
    Path configFile = dir.resolve("config.json");
    JsonNode config = json(configFile);
    Path generationFile = dir.resolve("generation_config.json");
    JsonNode generation =
        Files.exists(generationFile) ? json(generationFile) : MAPPER.createObjectNode();
    Path tokenizer = dir.resolve("tokenizer.json");
    boolean hasTokenizer = Files.exists(tokenizer);
    ModelConfig shape = new ConfigReader(configFile, config).read();
    return new Checkpoint(
        dir,
        shape,
        eos(generation.hasNonNull("eos_token_id") ? generation : config),
        hasTokenizer ? specials(json(tokenizer)) : Set.of(),
        hasTokenizer ? sha256(bytes(tokenizer)) : "",
        defaults(generation),
        sha256(bytes(configFile)).substring(0, 16));
  }

  /** Maps the tensors; they stay valid until the arena is closed. */
  public Weights mapWeights(Arena arena) throws ModelException {
    return Weights.find(config, Safetensors.map(dir, MAPPER, arena), dir.toString());
  }

  private static List<Integer> eos(JsonNode file) {
    var ids = new LinkedHashSet<Integer>();
    JsonNode node = file.path("eos_token_id");
    if (node.isInt()) {
      ids.add(node.asInt());
    }
    node.forEach(id -> ids.add(id.asInt()));
    return List.copyOf(ids);
  }

  private static Set<Integer> specials(JsonNode tokenizer) {
    var ids = new TreeSet<Integer>();
    for (JsonNode token : tokenizer.path("added_tokens")) {
      if (token.path("special").asBoolean()) {
        ids.add(token.path("id").asInt());
      }
    }
    return Set.copyOf(ids);
  }

  private static GenerationDefaults defaults(JsonNode file) {
    boolean greedy = file.has("do_sample") && !file.path("do_sample").asBoolean();
    return new GenerationDefaults(
        greedy ? 0 : (float) file.path("temperature").asDouble(1),
        file.path("top_k").asInt(0),
        (float) file.path("top_p").asDouble(1),
        (float) file.path("min_p").asDouble(0),
        (float) file.path("repetition_penalty").asDouble(1));
  }

  private static JsonNode json(Path file) throws ModelException {
    try {
      return MAPPER.readTree(file.toFile());
    } catch (IOException e) {
      throw new ModelException(file + ": not readable as JSON: " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(Path file) throws ModelException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new ModelException(file + ": not readable: " + e.getMessage(), e);
    }
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
