package io.baton.engine.sampling;

import io.baton.engine.backend.Draws;
import java.util.Arrays;

/**
 * What bias, penalties and a least length change about the logits of single tokens, each token
 * once. Reused; grows to the most tokens seen.
 */
final class Edits {
  /** One more than a token's place in the other arrays; 0: it is not edited. */
  private final int[] places;

  private int size;
  private int[] tokens = new int[64];
  private float[] bias = new float[64];
  private boolean[] repeated = new boolean[64];
  private int[] inAnswer = new int[64];
  private boolean[] banned = new boolean[64];

  Edits(int vocabSize) {
    places = new int[vocabSize];
  }

  /** May replace the arrays: they are looked at afterwards. */
  private int place(int token) {
    if (places[token] == 0) {
      if (size == tokens.length) {
        grow();
      }
      tokens[size] = token;
      bias[size] = 0;
      repeated[size] = false;
      inAnswer[size] = 0;
      banned[size] = false;
      places[token] = ++size;
    }
    return places[token] - 1;
  }

  private void grow() {
    tokens = Arrays.copyOf(tokens, 2 * size);
    bias = Arrays.copyOf(bias, 2 * size);
    repeated = Arrays.copyOf(repeated, 2 * size);
    inAnswer = Arrays.copyOf(inAnswer, 2 * size);
    banned = Arrays.copyOf(banned, 2 * size);
  }

  /** This is added to the token's logit, before all else. */
  void bias(int token, float added) {
    int place = place(token);
    bias[place] += added;
  }

  /** The token has been there before. */
  void repeated(int token) {
    int place = place(token);
    repeated[place] = true;
  }

  /** The token has been there in the answer, once more. */
  void inAnswer(int token) {
    int place = place(token);
    inAnswer[place]++;
  }

  /** The token cannot be chosen. */
  void ban(int token) {
    int place = place(token);
    banned[place] = true;
  }

  /** Changes logits, and forgets all edits. */
  void applyTo(float[] logits, float repetition, float presence, float frequency) {
    for (int i = 0; i < size; i++) {
      float l = logits[tokens[i]] + bias[i];
      if (repeated[i]) {
        l = l > 0 ? l / repetition : l * repetition;
      }
      logits[tokens[i]] = l - subtracted(i, presence, frequency);
    }
    clear();
  }

  /** Adds the edits to the draw added last, and forgets them. */
  void giveTo(Draws draws, float repetition, float presence, float frequency) {
    for (int i = 0; i < size; i++) {
      draws.addEdit(
          tokens[i], bias[i], repeated[i] ? repetition : 1, subtracted(i, presence, frequency));
    }
    clear();
  }

  private float subtracted(int i, float presence, float frequency) {
    if (banned[i]) {
      return Float.POSITIVE_INFINITY;
    }
    return inAnswer[i] > 0 ? presence + inAnswer[i] * frequency : 0;
  }

  private void clear() {
    for (int i = 0; i < size; i++) {
      places[tokens[i]] = 0;
    }
    size = 0;
  }
}
