package io.baton.telemetry;

/**
 * Every span name and attribute name that Baton itself uses. The names of SGLang's and Dynamo's
 * tracing are kept where they exist, so that their dashboards and queries go on working.
 */
public final class SpanNames {
  // Gateway.
  public static final String HTTP_REQUEST = "http-request";
  public static final String PROMPT_RENDER = "prompt.render";
  public static final String PROMPT_TOKENIZE = "prompt.tokenize";
  public static final String ROUTE_REQUEST = "kv_router.route_request";
  public static final String SELECT_WORKER = "kv_router.select_worker";
  public static final String COMPUTE_BLOCK_HASHES = "kv_router.compute_block_hashes";
  public static final String FIND_MATCHES = "kv_router.find_matches";
  public static final String COMPUTE_SEQ_HASHES = "kv_router.compute_seq_hashes";
  public static final String SCHEDULE = "kv_router.schedule";
  public static final String PREFILL_ROUTING = "prefill_routing";
  public static final String FIND_BEST_MATCH = "kv_find_best_match";
  public static final String PUBLISH = "publish";
  public static final String STREAM = "stream";
  public static final String ADMISSION_WAIT = "admission.wait";
  public static final String CLIENT_FLUSH = "client.flush";

  // Worker.
  public static final String HANDLE_PAYLOAD = "handle_payload";

  // Engine.
  public static final String BOOTSTRAP_ROOM = "Bootstrap Room 0x";
  public static final String REQ = "Req ";

  // Attributes.
  public static final String REQUEST_ID = "request_id";
  public static final String X_REQUEST_ID = "x_request_id";
  public static final String WORKER_ID = "worker_id";
  public static final String DP_RANK = "dp_rank";
  public static final String OVERLAP_BLOCKS = "overlap_blocks";
  public static final String PHASE = "phase";
  public static final String COMPONENT = "component";
  public static final String ENDPOINT = "endpoint";
  public static final String NAMESPACE = "namespace";
  public static final String INSTANCE_ID = "instance_id";
  public static final String RID = "rid";
  public static final String MODULE = "module";
  public static final String BOOTSTRAP_ROOM_ATTRIBUTE = "bootstrap_room";
  public static final String ERROR_TYPE = "error.type";
  public static final String LEAKED = "baton.span.leaked";
  public static final String ROUTE_REASON = "baton.route.reason";

  /** Estimate of the chosen worker, in milliseconds; its terms are below it. */
  public static final String ROUTE_COST_MS = "baton.route.cost_ms";

  /** By how much the runner-up would have been faster, by its estimate. */
  public static final String ROUTE_REGRET_MS = "baton.route.regret_ms";

  /** An event per candidate of a decision. */
  public static final String ROUTE_CANDIDATE = "baton.route.candidate";

  public static final String ATTEMPT = "baton.attempt";
  public static final String WORKER_SPANS = "baton.worker_spans";
  public static final String TRACE_LEVEL = "baton.trace.level";
  public static final String FINISH_REASON = "baton.finish_reason";
  public static final String TTFT_SECONDS = "baton.ttft_seconds";
  public static final String TRANSIT_SECONDS = "baton.broker_transit_seconds";

  /** On the root: what the audit found. */
  public static final String TRACE_VERDICT = "baton.trace.verdict";

  public static final String TRACE_PROBLEMS = "baton.trace.problems";

  /** On the root, with a phase's name after it: seconds of the critical path. */
  public static final String PATH = "baton.critical_path.";

  /** The same up to the first token. */
  public static final String TTFT_PATH = "baton.ttft_path.";

  /** A message's way through the broker, made by its receiver. */
  public static final String BROKER_TRANSIT = "broker.transit";

  /** From a message's arrival at a worker to its engine's hands. */
  public static final String WORKER_DISPATCH = "worker.dispatch";

  /** The last chunk's way back. */
  public static final String REPLY_TRANSIT = "reply.transit";

  /** Reading the request's body. */
  public static final String HTTP_READ = "http.read";

  public static final String SENT_UNIX_NANOS = "baton.sent_unix_nanos";
  public static final String RECEIVED_UNIX_NANOS = "baton.received_unix_nanos";

  /** By how much a message seems to have arrived before it was sent, offset and error allowed. */
  public static final String CLOCK_VIOLATION_NANOS = "clock.violation_ns";

  /** Set where a gateway's verdict did not come in time, so that something may be missing. */
  public static final String TRACE_INCOMPLETE = "baton.trace.incomplete";

  /** How far the clock of the process is ahead of the gateway's, and how exact that is. */
  public static final String CLOCK_OFFSET_NANOS = "clock.offset_ns";

  public static final String CLOCK_ERROR_NANOS = "clock.error_ns";

  /** Event on {@link #STREAM}: the first token was written to the client's connection. */
  public static final String FIRST_TOKEN = "first_token";

  // OpenTelemetry semantic conventions that are not in a released class yet, or are still
  // incubating there.
  public static final String GEN_AI_OPERATION_NAME = "gen_ai.operation.name";
  public static final String GEN_AI_PROVIDER_NAME = "gen_ai.provider.name";
  public static final String GEN_AI_REQUEST_MODEL = "gen_ai.request.model";
  public static final String GEN_AI_RESPONSE_ID = "gen_ai.response.id";
  public static final String GEN_AI_RESPONSE_MODEL = "gen_ai.response.model";
  public static final String GEN_AI_INPUT_TOKENS = "gen_ai.usage.input_tokens";
  public static final String GEN_AI_OUTPUT_TOKENS = "gen_ai.usage.output_tokens";
  public static final String GEN_AI_CACHED_TOKENS = "gen_ai.usage.cache_read.input_tokens";
  public static final String GEN_AI_REQUEST_STREAM = "gen_ai.request.stream";
  public static final String MESSAGING_SYSTEM = "messaging.system";
  public static final String MESSAGING_OPERATION_NAME = "messaging.operation.name";
  public static final String MESSAGING_OPERATION_TYPE = "messaging.operation.type";
  public static final String MESSAGING_DESTINATION_TEMPLATE = "messaging.destination.template";
  public static final String MESSAGING_BODY_SIZE = "messaging.message.body.size";

  private SpanNames() {}
}
