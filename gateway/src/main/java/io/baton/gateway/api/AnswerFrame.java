package io.baton.gateway.api;

/**
 * What every part of an answer repeats.
 *
 * @param id of the answer
 * @param model as the client named it
 * @param createdSeconds unix time
 * @param promptTokens of all prompts together
 * @param fingerprint changes when the same seed may give another answer
 */
public record AnswerFrame(
    String id, String model, long createdSeconds, String fingerprint, int promptTokens) {}
