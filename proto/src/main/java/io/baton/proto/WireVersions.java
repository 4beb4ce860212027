package io.baton.proto;

import io.baton.proto.v1.WorkerCard;
import java.util.List;

/**
 * Versions of the wire between gateways and workers. A version is a promise about messages: within
 * one, fields and words are only added, and whoever does not know one does without it. So builds
 * that share a version may stand in one fleet, in any order of upgrades; a change that breaks this
 * takes the next number, and builds then speak both for as long as both may be about.
 */
public final class WireVersions {
  /** All that this build speaks. */
  public static final List<Integer> SPOKEN = List.of(1);

  /** What cards of builds before this list mean by leaving it out. */
  private static final List<Integer> FIRST = List.of(1);

  private WireVersions() {}

  /** What a worker speaks. */
  public static List<Integer> of(WorkerCard card) {
    return card.getWireVersionsCount() == 0 ? FIRST : card.getWireVersionsList();
  }

  /** Whether this build and a worker have a version in common. */
  public static boolean shared(WorkerCard card) {
    return of(card).stream().anyMatch(SPOKEN::contains);
  }
}
