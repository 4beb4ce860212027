package io.baton.standalone.doctor;

import io.baton.standalone.doctor.EngineDoctor.Facts;
import java.util.List;

/** Compares the engines of a fleet with each other. */
final class FleetDoctor {
  private FleetDoctor() {}

  static void compare(List<Facts> fleet, List<Finding> findings) {
    for (Facts other : fleet) {
      for (Facts one : fleet) {
        if (one.model().equals(other.model()) && fleet.indexOf(one) < fleet.indexOf(other)) {
          pair(one, other, findings);
        }
      }
    }
    roles(fleet, findings);
  }

  private static void pair(Facts one, Facts other, List<Finding> findings) {
    String where = one.url() + " and " + other.url();
    if (one.blockSize() != other.blockSize()) {
      findings.add(
          Finding.wrong(
              where,
              "blocks of %d and of %d tokens for one model"
                  .formatted(one.blockSize(), other.blockSize()),
              one.kind().equals("sglang") ? "the same --page-size" : "the same --block-size"));
    }
    boolean pair = !one.role().equals("null") && !one.role().equals(other.role());
    if (pair && !one.kvDtype().equals(other.kvDtype())) {
      findings.add(
          Finding.wrong(
              where,
              "KV of type %s and %s cannot be handed over"
                  .formatted(one.kvDtype(), other.kvDtype()),
              "the same --kv-cache-dtype on prefill and decode"));
    }
  }

  private static void roles(List<Facts> fleet, List<Finding> findings) {
    boolean prefill = fleet.stream().anyMatch(f -> f.role().equals("prefill"));
    boolean decode = fleet.stream().anyMatch(f -> f.role().equals("decode"));
    if (prefill != decode) {
      findings.add(
          Finding.wrong(
              "the fleet",
              prefill
                  ? "prefill engines but none that decodes"
                  : "decode engines but none that prefills",
              "--disaggregation-mode " + (prefill ? "decode" : "prefill") + " on another engine"));
    }
  }
}
