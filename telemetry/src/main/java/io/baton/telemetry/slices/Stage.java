package io.baton.telemetry.slices;

/**
 * A named kind of slice. Names, levels and meaning are those of SGLang's engine tracing, so that
 * its dashboards and converters read Baton's engine too.
 *
 * @param name span name
 * @param level emitted for requests whose trace level is at least this
 * @param metric whether its duration also feeds {@code per_stage_req_latency_seconds}
 */
public record Stage(String name, int level, boolean metric) {
  /** Created, until its text is tokens. Not of engines that get token ids. */
  public static final Stage TOKENIZE = new Stage("tokenize", 1, false);

  /** Received by the data-parallel controller, until sent to a rank. */
  public static final Stage DPC_DISPATCH = new Stage("dpc_dispatch", 2, false);

  /** Caller handed the request over, until the scheduler's queue has it. */
  public static final Stage API_SERVER_DISPATCH = new Stage("api_server_dispatch", 2, false);

  /** Received by the scheduler, until it is in the wait queue. Aggregated. */
  public static final Stage REQUEST_PROCESS = new Stage("request_process", 2, true);

  /** In the wait queue, until the first forward step. */
  public static final Stage PREFILL_WAITING = new Stage("prefill_waiting", 1, false);

  /** First forward step, until the prompt is computed. */
  public static final Stage PREFILL_FORWARD = new Stage("prefill_forward", 1, true);

  /** One chunk of a prompt, nested in {@link #PREFILL_FORWARD}. */
  public static final Stage CHUNKED_PREFILL = new Stage("chunked_prefill", 3, true);

  /** Ready to decode, until the first decode step. */
  public static final Stage DECODE_WAITING = new Stage("decode_waiting", 1, true);

  /** First decode step, until the end of the answer. */
  public static final Stage DECODE_FORWARD = new Stage("decode_forward", 1, false);

  /** One decode step, nested in {@link #DECODE_FORWARD}, attribute {@code decode_ct}. */
  public static final Stage DECODE_LOOP = new Stage("decode_loop", 3, false);

  /** Prefill leg: received, until it waits for its room. */
  public static final Stage PREFILL_PREPARE = new Stage("prefill_prepare", 1, false);

  /** Prefill leg: waits for the decode leg to join the room. */
  public static final Stage PREFILL_BOOTSTRAP = new Stage("prefill_bootstrap", 1, true);

  /** Prefill leg: prompt computed, until the last block is on its way. */
  public static final Stage PREFILL_TRANSFER_KV_CACHE =
      new Stage("prefill_transfer_kv_cache", 1, true);

  /** Decode leg: received, until it can reserve blocks. */
  public static final Stage DECODE_PREPARE = new Stage("decode_prepare", 1, true);

  /** Decode leg: reserves blocks and joins the room. */
  public static final Stage DECODE_BOOTSTRAP = new Stage("decode_bootstrap", 1, true);

  /** Decode leg: room joined, until every block has come. */
  public static final Stage DECODE_TRANSFERRED = new Stage("decode_transferred", 1, true);

  /** Decode leg: a pass that only takes over the first token. */
  public static final Stage FAKE_OUTPUT = new Stage("fake_output", 3, true);

  /** Ended without a forward step. */
  public static final Stage QUICK_FINISH = new Stage("quick_finish", 1, true);

  /** Images and the like, until they are embeddings. */
  public static final Stage MM_ENCODE = new Stage("mm_encode", 1, false);

  /** Guessing the next tokens. */
  public static final Stage SPEC_DRAFT = new Stage("spec_draft", 2, false);

  /** The forward step over a guess and its judgement, attribute {@code accepted_tokens}. */
  public static final Stage SPEC_VERIFY = new Stage("spec_verify", 2, false);

  /** Bringing the drafting model up to date with what was accepted. */
  public static final Stage SPEC_DRAFT_EXTEND = new Stage("spec_draft_extend", 3, false);

  /** A transfer engine's own stages, as SGLang's Mooncake backend names them. */
  public static final Stage MOONCAKE_SEND = new Stage("mooncake_send", 1, false);

  public static final Stage MOONCAKE_RECV = new Stage("mooncake_recv", 1, false);
  public static final Stage MOONCAKE_WORKER_SEND = new Stage("mooncake_worker_send", 1, false);
  public static final Stage MOONCAKE_WORKER_SEND_SESSION =
      new Stage("mooncake_worker_send_session", 2, false);
  public static final Stage MOONCAKE_WORKER_RECV = new Stage("mooncake_worker_recv", 1, false);
}
