package io.baton.engine.backend;

import java.util.Arrays;

/**
 * Tokens to be drawn from the logits of one step by a backend that {@linkplain Backend#canDraw
 * can}, as flat tables that a device can take as they are. A draw says how logits are changed first
 * (edits, mask) and how the token is chosen; the rules are {@link
 * io.baton.engine.sampling.TokenChooser}'s. Reused from step to step. One thread.
 */
public final class Draws {
  /** Most of the best tokens whose log-probabilities a draw can have. */
  public static final int MOST_TOP = 20;

  /** The backend left this draw to its caller. */
  public static final int UNDECIDED = -1;

  private int count;
  private Draw[] draws = new Draw[0];

  private int edits;
  private int[] editTokens = new int[64];
  private float[] editBias = new float[64];
  private float[] editRepetition = new float[64];
  private float[] editSubtract = new float[64];

  private int maskWords;
  private long[] masks = new long[0];

  /** One draw; what is asked, and after {@link Backend#draw} what came of it. */
  public static final class Draw {
    int logitRow;
    int firstEdit;
    int editCount;
    int maskAt;
    float temperature;
    int topK;
    float topP;
    float minP;
    double uniform;
    int wantedTop;

    int token;
    float logprob;
    int topCount;
    final int[] topIds = new int[MOST_TOP];
    final float[] topLogprobs = new float[MOST_TOP];

    private Draw() {}

    public int logitRow() {
      return logitRow;
    }

    public int firstEdit() {
      return firstEdit;
    }

    public int editCount() {
      return editCount;
    }

    /** First word of the mask in {@link Draws#masks}; negative: there is none. */
    public int maskAt() {
      return maskAt;
    }

    /** 0: the largest logit. */
    public float temperature() {
      return temperature;
    }

    /** 0: off. */
    public int topK() {
      return topK;
    }

    /** 1: off. */
    public float topP() {
      return topP;
    }

    /** 0: off. */
    public float minP() {
      return minP;
    }

    /** In [0, 1): where in the distribution the token lies. */
    public double uniform() {
      return uniform;
    }

    /** -1: no log-probabilities; 0: the token's; n: the n best beside it. */
    public int wantedTop() {
      return wantedTop;
    }

    /** The token, or {@link Draws#UNDECIDED}. */
    public int token() {
      return token;
    }

    /** Log-probability of the token, if one was asked for. */
    public float logprob() {
      return logprob;
    }

    /** The best tokens, best first. */
    public int[] topIds() {
      return Arrays.copyOf(topIds, topCount);
    }

    /** Their log-probabilities. */
    public float[] topLogprobs() {
      return Arrays.copyOf(topLogprobs, topCount);
    }

    /** Notes the token. */
    public void decide(int chosen) {
      token = chosen;
    }

    /** Notes its log-probability; none are the best until {@link #addTop}. */
    public void explain(float chosenLogprob) {
      logprob = chosenLogprob;
      topCount = 0;
    }

    /** Notes the next best token. */
    public void addTop(int id, float itsLogprob) {
      topIds[topCount] = id;
      topLogprobs[topCount++] = itsLogprob;
    }
  }

  /** Forgets all draws. */
  public void clear() {
    count = 0;
    edits = 0;
    maskWords = 0;
  }

  /**
   * Adds a draw; its edits follow by {@link #addEdit}.
   *
   * @param logitRow index of the logits in the step
   * @param wantedTop see {@link Draw#wantedTop}; at most {@link #MOST_TOP}
   * @return its index
   */
  public int add(
      int logitRow,
      float temperature,
      int topK,
      float topP,
      float minP,
      double uniform,
      int wantedTop) {
    if (count == draws.length) {
      int old = draws.length;
      draws = Arrays.copyOf(draws, Math.max(8, 2 * old));
      for (int i = old; i < draws.length; i++) {
        draws[i] = new Draw();
      }
    }
    Draw draw = draws[count];
    draw.logitRow = logitRow;
    draw.firstEdit = edits;
    draw.editCount = 0;
    draw.maskAt = -1;
    draw.temperature = temperature;
    draw.topK = topK;
    draw.topP = topP;
    draw.minP = minP;
    draw.uniform = uniform;
    draw.wantedTop = wantedTop;
    draw.token = UNDECIDED;
    draw.topCount = 0;
    return count++;
  }

  /**
   * The draw added last takes a token's logit {@code l} as {@code penal(l + bias) - subtract},
   * where {@code penal} divides what is positive by {@code repetition} and multiplies the rest. A
   * token is edited once at most.
   */
  public void addEdit(int token, float bias, float repetition, float subtract) {
    if (edits == editTokens.length) {
      editTokens = Arrays.copyOf(editTokens, 2 * edits);
      editBias = Arrays.copyOf(editBias, 2 * edits);
      editRepetition = Arrays.copyOf(editRepetition, 2 * edits);
      editSubtract = Arrays.copyOf(editSubtract, 2 * edits);
    }
    editTokens[edits] = token;
    editBias[edits] = bias;
    editRepetition[edits] = repetition;
    editSubtract[edits] = subtract;
    edits++;
    draws[count - 1].editCount++;
  }

  /** The draw added last may choose only tokens whose bit is set. */
  public void mask(long[] allowed) {
    if (masks.length < maskWords + allowed.length) {
      masks = Arrays.copyOf(masks, Math.max(maskWords + allowed.length, 2 * masks.length));
    }
    System.arraycopy(allowed, 0, masks, maskWords, allowed.length);
    draws[count - 1].maskAt = maskWords;
    maskWords += allowed.length;
  }

  public int count() {
    return count;
  }

  /** A draw by its index. */
  public Draw get(int index) {
    return draws[index];
  }

  /** Edits of all draws. */
  public int edits() {
    return edits;
  }

  public int editToken(int edit) {
    return editTokens[edit];
  }

  public float editBias(int edit) {
    return editBias[edit];
  }

  public float editRepetition(int edit) {
    return editRepetition[edit];
  }

  public float editSubtract(int edit) {
    return editSubtract[edit];
  }

  /** Masks of all draws, one after the other; only the first {@link #maskWords} count. */
  public long[] masks() {
    return masks;
  }

  public int maskWords() {
    return maskWords;
  }
}
