package io.baton.telemetry.audit;

import java.util.Locale;
import java.util.Map;

/** Where a request's time can go. */
public enum Phase {
  /** The gateway's own work before routing. */
  FRONTEND,
  /** Choosing a worker. */
  ROUTER,
  /** Waiting for a turn, in the gateway or in an engine. */
  QUEUE,
  /** Between processes. */
  NETWORK,
  /** Computing the prompt. */
  PREFILL,
  /** Moving KV from prefill to decode. */
  KV_TRANSFER,
  /** Computing the answer. */
  DECODE,
  /** Bringing the answer to the client. */
  REPLY,
  /** No span explains it. */
  UNATTRIBUTED;

  private static final Map<String, Phase> BY_NAME =
      Map.ofEntries(
          Map.entry("http.read", FRONTEND),
          Map.entry("prompt.render", FRONTEND),
          Map.entry("prompt.tokenize", FRONTEND),
          Map.entry("kv_find_best_match", ROUTER),
          Map.entry("admission.wait", QUEUE),
          Map.entry("worker.dispatch", QUEUE),
          Map.entry("worker.permit", QUEUE),
          Map.entry("api_server_dispatch", QUEUE),
          Map.entry("request_process", QUEUE),
          Map.entry("prefill_prepare", QUEUE),
          Map.entry("prefill_waiting", QUEUE),
          Map.entry("decode_prepare", QUEUE),
          Map.entry("decode_waiting", QUEUE),
          Map.entry("publish", NETWORK),
          Map.entry("broker.transit", NETWORK),
          Map.entry("prefill_forward", PREFILL),
          Map.entry("chunked_prefill", PREFILL),
          Map.entry("prefill_bootstrap", KV_TRANSFER),
          Map.entry("prefill_transfer_kv_cache", KV_TRANSFER),
          Map.entry("decode_bootstrap", KV_TRANSFER),
          Map.entry("decode_transferred", KV_TRANSFER),
          Map.entry("decode_forward", DECODE),
          Map.entry("decode_loop", DECODE),
          Map.entry("spec_draft", DECODE),
          Map.entry("spec_verify", DECODE),
          Map.entry("reply.transit", REPLY),
          Map.entry("client.flush", REPLY));

  /** The phase of a span's own time; unattributed for spans that only hold others. */
  public static Phase of(String spanName) {
    if (spanName.startsWith("kv_router.") && !spanName.equals("kv_router.route_request")) {
      return ROUTER;
    }
    return BY_NAME.getOrDefault(spanName, UNATTRIBUTED);
  }

  /** As metrics and attributes spell it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
