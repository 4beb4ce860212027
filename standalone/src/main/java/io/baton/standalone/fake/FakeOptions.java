package io.baton.standalone.fake;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What both stand-ins have in common. */
final class FakeOptions {
  /** What a stand-in does wrong, on purpose. */
  enum Fault {
    /** Steps take ten times as long. */
    SLOW,
    /** Answers stop after some tokens and never go on. */
    STUCK,
    /** Every tenth message of KV events is lost; replay has it. */
    DROP_EVENTS,
    /** Every request is refused with 503. */
    REFUSE,
    /** The process ends in mid-answer. */
    DIE,
    /** 200, some tokens, then an error in the stream. */
    LATE_ERROR,
    /** Conversations are cut into other tokens than the model's own template says. */
    OTHER_TOKENS
  }

  /** What the engines do only when they are told to, by a flag. */
  enum Flag {
    /** SGLang's {@code --enable-metrics}. */
    METRICS,
    /** SGLang's {@code --enable-cache-report}. */
    CACHE_REPORT,
    /** vLLM's {@code --enable-prefix-caching}. */
    PREFIX_CACHING,
    /** vLLM's {@code --enable-prompt-tokens-details}. */
    PROMPT_TOKENS_DETAILS,
    /** vLLM's {@code --enable-per-request-metrics}. */
    PER_REQUEST_METRICS
  }

  /** How KV events are packed. */
  enum Wire {
    /** An array for each event, of one block. */
    ARRAY,
    /** An array for each event, of many blocks, with what the engine adds at its end. */
    COALESCED,
    /** A map that names its kind. */
    MAP
  }

  /** Which legs it takes. */
  enum Mode {
    NULL,
    PREFILL,
    DECODE
  }

  @Option(names = "--host", description = "Address to listen on (default: ${DEFAULT-VALUE}).")
  String host = "127.0.0.1";

  @Option(names = "--port", description = "Port; 0 takes a free one (default: ${DEFAULT-VALUE}).")
  int port;

  @Option(names = "--model", paramLabel = "DIR", description = "Model folder (default: the demo).")
  @Nullable Path model;

  @Option(names = "--served-model-name", description = "Name of the model (default: the folder's).")
  String servedName = "";

  @Option(names = "--block-size", description = "Tokens per KV block (default: ${DEFAULT-VALUE}).")
  int blockSize = 16;

  @Option(names = "--blocks", description = "KV blocks (default: ${DEFAULT-VALUE}).")
  int blocks = 4096;

  @Option(names = "--kv-endpoint", description = "Where KV events are published; empty: nowhere.")
  String kvEndpoint = "";

  @Option(names = "--kv-replay-endpoint", description = "Where they can be asked for again.")
  String kvReplayEndpoint = "";

  @Option(
      names = "--kv-wire",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Wire wire = Wire.MAP;

  @Option(names = "--mode", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Mode mode = Mode.NULL;

  @Option(names = "--step", description = "Milliseconds of a decode step (default: 1).")
  int stepMillis = 1;

  @Option(names = "--enable-trace", description = "Engine spans over OTLP, by OTEL_* variables.")
  boolean trace;

  @Option(
      names = "--fault",
      split = ",",
      description =
          "${COMPLETION-CANDIDATES}; may be several. Others while it runs: POST /fault"
              + " {\"faults\":[...]}, or {\"restart\":true} for a new engine in place.")
  void faults(List<Fault> given) {
    faults = Set.copyOf(given);
  }

  @Option(
      names = "--without",
      split = ",",
      description = "What it is started without: ${COMPLETION-CANDIDATES}; may be several.")
  List<Flag> without = List.of();

  @Option(
      names = "--kv-cache-dtype",
      description = "What it says of its KV's type (default: ${DEFAULT-VALUE}).")
  String kvCacheDtype = "auto";

  /** Changed while it runs, by any thread. */
  private volatile Set<Fault> faults = Set.of();

  boolean has(Fault fault) {
    return faults.contains(fault);
  }

  boolean lacks(Flag flag) {
    return without.contains(flag);
  }

  Path folder() {
    if (model != null) {
      return model.toAbsolutePath().normalize();
    }
    return Path.of(System.getProperty("baton.home", "."))
        .resolve("models")
        .resolve("baton-demo")
        .toAbsolutePath()
        .normalize();
  }

  String name() {
    return servedName.isEmpty() ? String.valueOf(folder().getFileName()) : servedName;
  }

  String modeName() {
    return mode.name().toLowerCase(Locale.ROOT);
  }
}
