package io.baton.gateway.relay;

/**
 * A prompt as the model sees it.
 *
 * @param opensReasoning whether the answer begins inside reasoning, since the template opened it
 */
@SuppressWarnings("ArrayRecordComponent")
record ReadPrompt(int[] ids, boolean opensReasoning) {
  static final ReadPrompt NONE = new ReadPrompt(new int[0], false);
}
