package io.baton.engine.handoff;

import io.baton.bridge.TokenRequest.Handoff;
import io.baton.engine.sampling.Choice;

/**
 * Moves KV between engines for a scheduler. Listeners are called on the thread that runs the
 * scheduler; whoever implements this sees to it.
 */
public interface HandoffPort {

  /** Opens a room and waits there for the decode leg. */
  Sending send(SendJob job, SendListener listener);

  /** Goes to the room of a prefill leg. */
  Receiving receive(ReceiveJob job, ReceiveListener listener);

  /**
   * The prefill leg's side.
   *
   * @param promptKey hash over prompt, salt and LoRA name, which the other leg must have too
   * @param blocks KV blocks of the prompt
   */
  record SendJob(Handoff handoff, long promptKey, int blocks) {}

  /**
   * The decode leg's side.
   *
   * @param table blocks of the prompt, all held
   * @param firstMissing first block whose KV is to come; equal to the number of blocks if none is
   */
  record ReceiveJob(Handoff handoff, long promptKey, int[] table, int firstMissing) {}

  /**
   * The first token, chosen by the prefill leg.
   *
   * @param seed of the prefill leg's sampling, so that the decode leg goes on with it
   * @param cachedTokens prompt tokens that the prefill leg did not compute
   */
  record FirstToken(Choice choice, long seed, int cachedTokens) {}

  /** A transfer out. Methods never block. */
  interface Sending {
    /**
     * One layer of some blocks is written and will not change.
     *
     * @param firstBlock place of the first of them in the prompt
     * @param table all blocks of the prompt
     * @param endBlock place after the last of them
     */
    void ready(int layer, int firstBlock, int endBlock, int[] table);

    /** All layers of all blocks were named ready, and this is the first token. */
    void complete(FirstToken token);

    /** Breaks it off; {@link SendListener#onSendFailed} follows unless it has ended already. */
    void abort(String reason);
  }

  /** Hears of a transfer out. The last call is {@code onSent} or {@code onSendFailed}. */
  interface SendListener {
    /** The decode leg has come and holds its blocks. */
    void onJoined(int firstMissing);

    /** The decode leg has everything. */
    void onSent(long bytes, int blocks);

    /** It broke; nothing reads the blocks any more. */
    void onSendFailed(String reason);
  }

  /** A transfer in. Methods never block. */
  interface Receiving {
    /**
     * Breaks it off; {@link ReceiveListener#onReceiveFailed} follows unless it has ended already.
     */
    void abort(String reason);
  }

  /** Hears of a transfer in. The last call is {@code onReceived} or {@code onReceiveFailed}. */
  interface ReceiveListener {
    /** The prefill leg is there; blocks will come. */
    void onJoined();

    /** Every missing block is written. */
    void onReceived(FirstToken token, long bytes, int blocks);

    /** It broke; nothing writes the blocks any more. */
    void onReceiveFailed(String reason);
  }
}
