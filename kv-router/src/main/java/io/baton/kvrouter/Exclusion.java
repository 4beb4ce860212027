package io.baton.kvrouter;

/** Why a worker rank was no candidate for a decision. */
public enum Exclusion {
  /** Suspect, draining or cordoned. */
  NOT_ROUTABLE,
  /** This request has failed there before. */
  FAILED_BEFORE,
  /** It cannot take over KV in the layout of the other leg. */
  OTHER_KV_LAYOUT,
  /** The request is pinned to another worker. */
  NOT_PINNED,
  /** It lacks a label that the request asks for. */
  OTHER_LABELS,
  /** It has said that it can take no more, see {@link WorkerCapacity}. */
  FULL
}
