package io.baton.engine.sampling;

import io.baton.bridge.Sampling;
import io.baton.engine.backend.Draws;
import io.baton.engine.backend.Logits;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the tokens of one request. Order of the steps: logit bias, penalties, mask, minimum
 * length, temperature, top-k, top-p (of what top-k left), min-p, draw.
 */
public final class TokenChooser {
  private static final int FIRST_CANDIDATES = 256;

  private final Sampling sampling;
  private final int[] endTokens;
  private final @Nullable TokenMask mask;
  private final long seed;

  /** Whether the largest of the model's own logits is the answer. */
  private final boolean plainGreedy;

  /**
   * A chooser without state: it can be asked for any position, in any order.
   *
   * @param endTokens tokens that end the answer
   * @param seed for sampling; random unless the request gave one
   */
  public TokenChooser(Sampling sampling, int[] endTokens, @Nullable TokenMask mask, long seed) {
    this.sampling = sampling;
    this.endTokens = endTokens;
    this.mask = mask;
    this.seed = seed;
    this.plainGreedy =
        sampling.temperature() == 0
            && !hasPenalties(sampling)
            && sampling.logitBias().isEmpty()
            && sampling.minTokens() == 0
            && mask == null;
  }

  /** The seed in use. */
  public long seed() {
    return seed;
  }

  /**
   * Asks a model that can draw for the token after {@code length} tokens, before {@link #choose}.
   *
   * @param index logit row of the last step
   * @param tokens prompt and answer so far
   * @param promptLength where the answer begins
   * @return which of the draws it is; -1: none is needed or possible
   */
  public int plan(
      Draws draws,
      Logits model,
      int index,
      int[] tokens,
      int promptLength,
      int length,
      Workspace work) {
    boolean direct = plainGreedy || model.decidesTokens();
    boolean wantsLogprobs = sampling.topLogprobs() >= 0;
    if (!model.canDraw() || (direct && !wantsLogprobs) || sampling.topLogprobs() > Draws.MOST_TOP) {
      return -1;
    }
    int draw =
        draws.add(
            index,
            sampling.temperature(),
            sampling.topK(),
            sampling.topP(),
            sampling.minP(),
            CounterRandom.uniform(seed, length),
            sampling.topLogprobs());
    if (!direct) {
      gather(tokens, promptLength, length, model.vocabSize(), work);
      work.edits.giveTo(
          draws,
          sampling.repetitionPenalty(),
          sampling.presencePenalty(),
          sampling.frequencyPenalty());
      if (mask != null) {
        draws.mask(work.allowed);
      }
    }
    return draw;
  }

  /** Whether the choice depends on other tokens than through the logits. */
  public boolean looksBack() {
    return hasPenalties(sampling) || mask != null || sampling.minTokens() > 0;
  }

  /**
   * Chooses the token after {@code length} tokens.
   *
   * @param index logit row of the last step
   * @param drawn what came of {@link #plan}; null: nothing was planned
   * @param tokens prompt and answer so far
   * @param promptLength where the answer begins
   */
  public Choice choose(
      Logits model,
      int index,
      Draws.@Nullable Draw drawn,
      int[] tokens,
      int promptLength,
      int length,
      Workspace work) {
    boolean wantsLogprobs = sampling.topLogprobs() >= 0;
    if (drawn != null && drawn.token() != Draws.UNDECIDED) {
      return wantsLogprobs
          ? new Choice(drawn.token(), drawn.logprob(), drawn.topIds(), drawn.topLogprobs())
          : Choice.of(drawn.token());
    }
    boolean direct = plainGreedy || model.decidesTokens();
    if (direct && !wantsLogprobs) {
      return Choice.of(model.argmax(index));
    }
    int vocab = model.vocabSize();
    model.logits(index, work.logits);
    int token;
    if (direct) {
      token = model.argmax(index);
    } else {
      adjust(tokens, promptLength, length, vocab, work);
      token = sampling.temperature() == 0 ? largest(work.logits, vocab) : draw(length, vocab, work);
    }
    if (!wantsLogprobs) {
      return Choice.of(token);
    }
    model.logits(index, work.logits);
    return withLogprobs(token, vocab, work);
  }

  /** What the logits of a row say of a token that came after it whatever they say. */
  public Choice score(Logits model, int index, int token, Workspace work) {
    model.logits(index, work.logits);
    return withLogprobs(token, model.vocabSize(), work);
  }

  private void adjust(int[] tokens, int promptLength, int length, int vocab, Workspace work) {
    gather(tokens, promptLength, length, vocab, work);
    work.edits.applyTo(
        work.logits,
        sampling.repetitionPenalty(),
        sampling.presencePenalty(),
        sampling.frequencyPenalty());
    if (mask != null) {
      for (int token = 0; token < vocab; token++) {
        if (!allows(work, token)) {
          work.logits[token] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  /**
   * Gathers edits of single tokens, and the mask. Repetition counts prompt and answer, presence and
   * frequency the answer only.
   */
  private void gather(int[] tokens, int promptLength, int length, int vocab, Workspace work) {
    for (Map.Entry<Integer, Float> bias : sampling.logitBias().entrySet()) {
      int token = bias.getKey();
      if (token >= 0 && token < vocab) {
        work.edits.bias(token, bias.getValue());
      }
    }
    for (int i = 0; sampling.repetitionPenalty() != 1 && i < length; i++) {
      work.edits.repeated(tokens[i]);
    }
    if (sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0) {
      for (int i = promptLength; i < length; i++) {
        work.edits.inAnswer(tokens[i]);
      }
    }
    if (mask != null) {
      work.clearAllowed();
      mask.allow(tokens, promptLength, length, work.allowed);
    }
    if (length - promptLength < sampling.minTokens() && mayGoOn(vocab, work)) {
      for (int end : endTokens) {
        if (end >= 0 && end < vocab) {
          work.edits.ban(end);
        }
      }
    }
  }

  private static boolean allows(Workspace work, int token) {
    return (work.allowed[token >> 6] >>> token & 1) != 0;
  }

  /** Where a mask leaves nothing but the end, the answer ends, however short it is. */
  private boolean mayGoOn(int vocab, Workspace work) {
    if (mask == null) {
      return true;
    }
    int allowed = 0;
    for (long bits : work.allowed) {
      allowed += Long.bitCount(bits);
    }
    for (int end : endTokens) {
      allowed -= end >= 0 && end < vocab && allows(work, end) ? 1 : 0;
    }
    return allowed > 0;
  }

  private static int largest(float[] logits, int vocab) {
    int best = 0;
    for (int i = 1; i < vocab; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  private int draw(int position, int vocab, Workspace work) {
    float[] weights = work.weights;
    float max = work.logits[largest(work.logits, vocab)];
    double total = 0;
    for (int i = 0; i < vocab; i++) {
      weights[i] = (float) Math.exp((work.logits[i] - max) / sampling.temperature());
      total += weights[i];
    }
    double uniform = CounterRandom.uniform(seed, position);
    int topK = sampling.topK() > 0 ? Math.min(sampling.topK(), vocab) : vocab;
    if (topK == vocab && sampling.topP() >= 1) {
      return drawByIds(weights, vocab, total, uniform);
    }
    return drawFromTop(weights, vocab, topK, total, uniform, work.top);
  }

  /** No sorting is needed where only min-p filters: its threshold is relative to the best. */
  private int drawByIds(float[] weights, int vocab, double total, double uniform) {
    float least = sampling.minP();
    if (least > 0) {
      total = 0;
      for (int i = 0; i < vocab; i++) {
        if (weights[i] < least) {
          weights[i] = 0;
        }
        total += weights[i];
      }
    }
    double target = uniform * total;
    double sum = 0;
    int last = 0;
    for (int i = 0; i < vocab; i++) {
      if (weights[i] > 0) {
        sum += weights[i];
        last = i;
        if (target < sum) {
          return i;
        }
      }
    }
    return last;
  }

  private int drawFromTop(
      float[] weights, int vocab, int topK, double total, double uniform, TopSelector top) {
    boolean allOfK = topK < vocab;
    int wanted = allOfK ? topK : Math.min(vocab, FIRST_CANDIDATES);
    while (true) {
      int found = top.select(weights, vocab, wanted);
      double kept = allOfK ? sum(weights, top, found) : total;
      int count = withinTopP(weights, top, found, kept);
      if (count < found || found == topK) {
        return drawOf(weights, top, count, uniform);
      }
      // The nucleus is larger than what was sorted.
      wanted = (int) Math.min(vocab, 8L * wanted);
    }
  }

  private static double sum(float[] weights, TopSelector top, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += weights[top.index(i)];
    }
    return sum;
  }

  /** How many of the best reach top-p together. */
  private int withinTopP(float[] weights, TopSelector top, int found, double total) {
    double target = sampling.topP() * total;
    double sum = 0;
    for (int i = 0; i < found; i++) {
      sum += weights[top.index(i)];
      if (sum >= target && sampling.topP() < 1) {
        return i + 1;
      }
    }
    return found;
  }

  private int drawOf(float[] weights, TopSelector top, int count, double uniform) {
    int kept = count;
    while (kept > 1 && weights[top.index(kept - 1)] < sampling.minP()) {
      kept--;
    }
    double target = uniform * sum(weights, top, kept);
    double sum = 0;
    for (int i = 0; i < kept; i++) {
      sum += weights[top.index(i)];
      if (target < sum) {
        return top.index(i);
      }
    }
    return top.index(kept - 1);
  }

  private Choice withLogprobs(int token, int vocab, Workspace work) {
    float[] logits = work.logits;
    double logSum = logSumExp(logits, vocab);
    int found = top(sampling.topLogprobs(), logits, vocab, work);
    var ids = new int[found];
    var logprobs = new float[found];
    for (int i = 0; i < found; i++) {
      ids[i] = work.top.index(i);
      logprobs[i] = (float) (logits[ids[i]] - logSum);
    }
    return new Choice(token, (float) (logits[token] - logSum), ids, logprobs);
  }

  private static int top(int wanted, float[] logits, int vocab, Workspace work) {
    return wanted == 0 ? 0 : work.top.select(logits, vocab, wanted);
  }

  /** Natural logarithm of the sum of exponentials: what turns logits into log-probabilities. */
  public static double logSumExp(float[] logits, int vocab) {
    float max = logits[largest(logits, vocab)];
    double sum = 0;
    for (int i = 0; i < vocab; i++) {
      sum += Math.exp(logits[i] - max);
    }
    return max + Math.log(sum);
  }

  private static boolean hasPenalties(Sampling sampling) {
    return sampling.repetitionPenalty() != 1
        || sampling.presencePenalty() != 0
        || sampling.frequencyPenalty() != 0;
  }
}
