package io.baton.telemetry;

/**
 * Every metric name of Baton, as given to Micrometer: Prometheus shows dots as underscores, adds
 * {@code _total} to counters and {@code _seconds} to timers.
 */
public final class MetricNames {
  public static final String REQUESTS = "baton.gateway.requests";
  public static final String REQUEST_DURATION = "baton.gateway.request.duration";
  public static final String TIME_TO_FIRST_TOKEN = "baton.gateway.time.to.first.token";
  public static final String PROMPT_TOKENS = "baton.gateway.prompt.tokens";
  public static final String CACHED_TOKENS = "baton.gateway.cached.tokens";
  public static final String COMPLETION_TOKENS = "baton.gateway.completion.tokens";
  public static final String RETRIES = "baton.gateway.retries";
  public static final String RETRIES_REFUSED = "baton.gateway.retries.refused";
  public static final String LOOP_DELAY = "baton.gateway.event.loop.delay";
  public static final String TIMEOUTS = "baton.gateway.timeouts";
  public static final String CLIENTS_GONE = "baton.gateway.clients.gone";
  public static final String UNTOKENIZED = "baton.gateway.untokenized.prompts";
  public static final String FORMATS_COMPILED = "baton.gateway.formats.compiled";
  public static final String FORMATS_REUSED = "baton.gateway.formats.reused";
  public static final String FORMATS_KEPT = "baton.gateway.formats.kept";
  public static final String PROMPT_CACHE_HITS = "baton.gateway.prompt.cache.hits";
  public static final String PROMPT_CACHE_MISSES = "baton.gateway.prompt.cache.misses";
  public static final String IN_FLIGHT = "baton.gateway.in.flight.requests";
  public static final String ADMISSION = "baton.gateway.admission.";
  public static final String CONFIG_RELOADS = "baton.gateway.config.reloads";
  public static final String WORKERS = "baton.gateway.workers";
  public static final String ACCESS_LOG = "baton.gateway.access.log.";
  public static final String KEY_REQUESTS = "baton.gateway.key.requests";
  public static final String KEY_TOKENS = "baton.gateway.key.tokens";
  public static final String WORKER_STATES = "baton.gateway.worker.states";
  public static final String POOL_READY = "baton.gateway.pool.ready";
  public static final String POOL_ROOM = "baton.gateway.pool.room.requests";
  public static final String TRANSPORT = "baton.transport.";
  public static final String ROUTER = "baton.router.";
  public static final String WORKER = "baton.worker.";
  public static final String ENGINE = "baton.engine.";
  public static final String TRACE_LEAKED_SPANS = "baton.trace.leaked.spans";
  public static final String TRACE_DROPPED_REQUESTS = "baton.trace.dropped.engine.requests";

  public static final String TRACE_QUEUED_REQUESTS = "baton.trace.queued.engine.requests";

  public static final String TRACES = "baton.gateway.traces";
  public static final String CRITICAL_PATH = "baton.gateway.critical.path";
  public static final String FIRST_TOKEN_PATH = "baton.gateway.first.token.path";
  public static final String DEFERRED_TRACES = "baton.gateway.deferred.traces";
  public static final String TRACE_LEVEL = "baton.gateway.trace.level";
  public static final String RECENT_TRACES = "baton.gateway.recent.traces";
  public static final String RECENT_SPANS = "baton.gateway.recent.spans";
  public static final String RECENT_EVICTIONS = "baton.gateway.recent.traces.evicted";
  public static final String TRACE_UNNOTED_SPANS = "baton.gateway.unnoted.spans";
  public static final String CLOCK_OFFSET = "baton.gateway.clock.offset.seconds";
  public static final String CLOCK_ERROR = "baton.gateway.clock.error.seconds";
  public static final String CLOCK_VIOLATIONS = "baton.clock.violations";

  /** Spans that a worker could not tell the gateway: its buffer was full, or the broker away. */
  public static final String TRACE_UNREPORTED_SPANS = "baton.trace.unreported.spans";

  /** Spans that wait for a gateway's verdict. */
  public static final String TRACE_HELD_SPANS = "baton.trace.held.spans";

  /** Traces kept since no verdict came in time. */
  public static final String TRACE_UNJUDGED = "baton.trace.unjudged.traces";

  private MetricNames() {}
}
