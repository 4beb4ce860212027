package io.baton.gateway.fleet;

import io.baton.prompt.reasoning.ReasoningFamily;
import io.baton.prompt.tools.ToolFamily;
import io.baton.proto.WireVersions;
import io.baton.proto.v1.Form;
import io.baton.proto.v1.WorkerCard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The models whose prompts this gateway can read: needed for the {@code tokens} form, and to route
 * by prefix in the {@code openai} form. Immutable.
 */
public final class ModelCatalog {
  /**
   * A model's files.
   *
   * @param name under which clients ask for it
   * @param path folder in Hugging Face layout; its tokenizer and template are read
   * @param toolFamily how it writes tool calls; empty: as its template says
   * @param reasoningFamily how it marks reasoning; empty: as its template says
   * @param aliases further names
   * @param owner for lists of models
   */
  public record Entry(
      String name,
      Path path,
      Optional<ToolFamily> toolFamily,
      Optional<ReasoningFamily> reasoningFamily,
      List<String> aliases,
      String owner) {}

  private final Map<String, ServedModel> models;

  private ModelCatalog(Map<String, ServedModel> models) {
    this.models = models;
  }

  /**
   * Reads tokenizers and templates.
   *
   * @throws IOException naming the file that is missing or wrong
   */
  public static ModelCatalog load(List<Entry> entries) throws IOException {
    var models = new LinkedHashMap<String, ServedModel>();
    for (Entry entry : entries) {
      models.put(entry.name(), ServedModel.load(entry));
    }
    return new ModelCatalog(Map.copyOf(models));
  }

  public Collection<ServedModel> all() {
    return models.values();
  }

  /** The name of the model that goes by this name; the same if it is no alias. */
  public String resolve(String name) {
    if (models.containsKey(name)) {
      return name;
    }
    for (ServedModel model : models.values()) {
      if (model.aliases().contains(name)) {
        return model.name();
      }
    }
    return name;
  }

  public Optional<ServedModel> find(String model) {
    return Optional.ofNullable(models.get(model));
  }

  /** Why a worker cannot be used, if so: it speaks otherwise, or its prompts would be gibberish. */
  Optional<String> refusal(WorkerCard card) {
    if (!WireVersions.shared(card)) {
      return Optional.of(
          "wire_versions: %s (expected: one of %s; builds that are so far apart need a fleet each)"
              .formatted(WireVersions.of(card), WireVersions.SPOKEN));
    }
    if (card.getForm() != Form.FORM_TOKENS) {
      return Optional.empty();
    }
    for (String model : card.getModelsList()) {
      ServedModel known = models.get(model);
      if (known == null) {
        return Optional.of(
            "model: " + model + " (expected: one of " + models.keySet() + "; add it to `models`)");
      }
      String theirs = card.getTokenizerSha256();
      if (!theirs.isEmpty() && !theirs.equals(known.tokenizerSha256())) {
        return Optional.of(
            "tokenizer of %s: sha256 %s (expected: %s, as in this gateway's copy of the model)"
                .formatted(model, theirs, known.tokenizerSha256()));
      }
    }
    return Optional.empty();
  }
}
