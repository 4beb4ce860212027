package io.baton.kvrouter;

/**
 * The coefficients of a pool's cost estimate at one moment; see {@link CostSettings} for the start.
 *
 * @param prefillMillisPerToken computing one prompt token
 * @param firstTokenMillis what a first token takes beyond that
 * @param transferMillisPerToken moving one token's KV
 * @param decodeMillisPerRequest one more request in a decode step
 * @param decodeMillisPerKvToken one more token of KV in a decode step
 * @param stepMillis what a decode step takes beyond that
 * @param outputTokens mean length of an answer
 * @param sightings first tokens they were learnt from, up to those that count
 */
public record Coefficients(
    double prefillMillisPerToken,
    double firstTokenMillis,
    double transferMillisPerToken,
    double decodeMillisPerRequest,
    double decodeMillisPerKvToken,
    double stepMillis,
    double outputTokens,
    int sightings) {}
