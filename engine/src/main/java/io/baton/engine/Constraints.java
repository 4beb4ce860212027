package io.baton.engine;

import io.baton.bridge.Constraint;
import io.baton.engine.backend.Backend;
import io.baton.engine.sampling.GrammarMasks;
import io.baton.engine.sampling.TokenMask;
import io.baton.prompt.TokenBytes;
import io.baton.prompt.grammar.GrammarException;
import io.baton.prompt.grammar.TokenTrie;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Whether and how this engine's answers can follow something. */
final class Constraints {
  private final Optional<GrammarMasks> masks;
  private final String absence;

  private Constraints(Optional<GrammarMasks> masks, String absence) {
    this.masks = masks;
    this.absence = absence;
  }

  static Constraints of(Optional<Path> model, Backend backend) throws IOException {
    if (backend.decidesTokens()) {
      return new Constraints(Optional.empty(), "this engine only simulates a model");
    }
    if (model.isEmpty() || !Files.exists(model.get().resolve("tokenizer.json"))) {
      return new Constraints(Optional.empty(), "this model has no tokenizer.json");
    }
    TokenTrie trie = TokenTrie.of(TokenBytes.read(model.get()));
    return new Constraints(Optional.of(new GrammarMasks(trie, backend.vocabSize())), "");
  }

  /** The mask for an answer of so many tokens with its prompt, or what is wrong with that. */
  TokenMask mask(Constraint constraint, int[] endTokens, int limit) throws GrammarException {
    if (masks.isEmpty()) {
      throw GrammarException.unsupported("answers by a grammar", "none, as " + absence);
    }
    if (endTokens.length == 0) {
      throw GrammarException.unsupported("answers without end tokens", "ignore_eos false");
    }
    return masks.get().mask(constraint, endTokens, limit);
  }

  Map<String, LongSupplier> counters() {
    return masks.map(GrammarMasks::counters).orElse(Map.of());
  }
}
