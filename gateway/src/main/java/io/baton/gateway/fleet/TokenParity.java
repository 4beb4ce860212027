package io.baton.gateway.fleet;

import io.baton.kvblocks.TokenProbes;
import io.baton.kvblocks.TokenProbes.Probe;
import io.baton.prompt.PromptFormat;
import io.baton.prompt.template.TemplateException;
import io.baton.proto.v1.WorkerCard;
import java.util.List;
import java.util.Optional;

/**
 * Whether a worker's engine makes the same tokens of a prompt as this gateway. Where it does not,
 * the blocks that it publishes are never those that the gateway looks for.
 */
final class TokenParity {
  private TokenParity() {}

  /**
   * Compares what the engine said with what this gateway makes of the same prompts.
   *
   * @return what differs and what to do; empty if nothing does, or nothing is known
   */
  static Optional<String> mismatch(WorkerCard card, ModelCatalog catalog) {
    List<Long> theirs = card.getTokenProbesList();
    List<Probe> probes = TokenProbes.all();
    for (String model : card.getModelsList()) {
      Optional<ServedModel> known = catalog.find(model);
      for (int i = 0; known.isPresent() && i < Math.min(theirs.size(), probes.size()); i++) {
        long told = theirs.get(i);
        long ours = digest(known.get().format(), probes.get(i));
        if (told != TokenProbes.UNKNOWN && ours != TokenProbes.UNKNOWN && told != ours) {
          return Optional.of(
              "the engine makes other tokens of %s than this gateway's copy of %s (expected: the same tokenizer and chat template in `models` as the engine has)"
                  .formatted(probes.get(i).name(), model));
        }
      }
    }
    return Optional.empty();
  }

  private static long digest(PromptFormat format, Probe probe) {
    if (!probe.chat()) {
      return TokenProbes.digest(format.encodeRaw(probe.text()));
    }
    try {
      return TokenProbes.digest(format.encode(format.render(probe.messages())));
    } catch (TemplateException e) {
      // A model without a template, or one that takes no such conversation.
      return TokenProbes.UNKNOWN;
    }
  }
}
