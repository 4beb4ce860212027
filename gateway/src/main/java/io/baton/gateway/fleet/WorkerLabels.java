package io.baton.gateway.fleet;

import io.baton.proto.v1.WorkerCard;
import java.util.HashMap;
import java.util.Map;

/** What routing knows workers by: labels of their own, and the models and adapters they serve. */
final class WorkerLabels {
  /** Labels of people have no colon. */
  private static final String MODEL = "model:";

  private WorkerLabels() {}

  static Map<String, String> of(WorkerCard card) {
    Map<String, String> labels = new HashMap<>(card.getLabelsMap());
    card.getModelsList().forEach(model -> labels.put(MODEL + model, ""));
    return labels;
  }

  static Map<String, String> withModel(Map<String, String> asked, String model) {
    Map<String, String> labels = new HashMap<>(asked);
    labels.put(MODEL + model, "");
    return labels;
  }
}
