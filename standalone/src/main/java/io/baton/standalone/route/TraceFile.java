package io.baton.standalone.route;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.baton.kvblocks.BlockHasher;
import io.baton.kvblocks.BlockHashes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Reads traces in Mooncake's format: one JSON object a line with {@code timestamp} (milliseconds),
 * {@code input_length}, {@code output_length} and {@code hash_ids}, one id per block, equal ids
 * naming equal prefixes. A gateway's file of route receipts has these members too.
 */
final class TraceFile {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Of a pair's receipts, the prefill leg's is the request. */
  private static final String DECODE = "decode";

  private TraceFile() {}

  /**
   * The requests of a file in the order of their arrival.
   *
   * @param blockTokens tokens per id
   * @throws IOException if the file cannot be read or a line is no request
   */
  static List<TraceRequest> read(Path file, int blockTokens) throws IOException {
    var json = new ObjectMapper();
    List<TraceRequest> requests = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        JsonNode row = line.isBlank() ? null : tree(json, line, file + ":" + number);
        if (row != null && !row.path("phase").asText().equals(DECODE)) {
          requests.add(parse(row, file + ":" + number, blockTokens));
        }
      }
    }
    if (requests.isEmpty()) {
      throw new IOException(file + ": no request in it (expected: one JSON object a line)");
    }
    requests.sort(Comparator.comparingLong(TraceRequest::arrivalNanos));
    List<TraceRequest> numbered = new ArrayList<>(requests.size());
    for (TraceRequest r : requests) {
      numbered.add(
          new TraceRequest(numbered.size(), r.arrivalNanos(), r.outputTokens(), r.prompt()));
    }
    return numbered;
  }

  private static JsonNode tree(ObjectMapper json, String line, String where) throws IOException {
    try {
      return json.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IOException(where + ": no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static TraceRequest parse(JsonNode row, String where, int blockTokens)
      throws IOException {
    double millis = number(row, "timestamp", where, 0);
    int input = (int) number(row, "input_length", where, 1);
    int output = (int) number(row, "output_length", where, 0);
    JsonNode ids = row.path("hash_ids");
    int most = Math.ceilDiv(input, blockTokens);
    if (!ids.isArray() || ids.size() > most) {
      throw new IOException(
          where
              + ": hash_ids: "
              + ids.size()
              + " (expected: a list of at most "
              + most
              + ", one id per "
              + blockTokens
              + " tokens)");
    }
    long[] sequence = new long[ids.size()];
    for (int i = 0; i < sequence.length; i++) {
      // Spread, so that small ids do not all lie in one corner of a table.
      sequence[i] = BlockHasher.chain(0, ids.get(i).asLong());
    }
    return new TraceRequest(
        0,
        (long) (millis * NANOS_PER_MILLI),
        output,
        new BlockHashes(blockTokens, input, sequence, sequence));
  }

  private static double number(JsonNode row, String name, String where, int least)
      throws IOException {
    JsonNode value = row.path(name);
    if (!value.isNumber() || value.asDouble() < least) {
      throw new IOException(where + ": " + name + ": " + value + " (expected: >= " + least + ")");
    }
    return value.asDouble();
  }

  /** Requests of one stamp spread evenly until the next stamp, in their order. */
  static List<TraceRequest> spread(List<TraceRequest> requests) {
    List<TraceRequest> spread = new ArrayList<>(requests.size());
    int from = 0;
    while (from < requests.size()) {
      long stamp = requests.get(from).arrivalNanos();
      int to = from;
      while (to < requests.size() && requests.get(to).arrivalNanos() == stamp) {
        to++;
      }
      long gap = to < requests.size() ? requests.get(to).arrivalNanos() - stamp : 0;
      for (int i = from; i < to; i++) {
        spread.add(requests.get(i).at(stamp + gap * (i - from) / (to - from)));
      }
      from = to;
    }
    return spread;
  }

  /** A trace several times over, one after the other; each time with prompts of its own. */
  static List<TraceRequest> repeat(List<TraceRequest> requests, int times) {
    if (times == 1) {
      return requests;
    }
    long span = requests.getLast().arrivalNanos() - requests.getFirst().arrivalNanos();
    long period = span + span / requests.size() + 1;
    List<TraceRequest> all = new ArrayList<>(requests.size() * times);
    for (int round = 0; round < times; round++) {
      for (TraceRequest one : requests) {
        all.add(
            new TraceRequest(
                all.size(),
                one.arrivalNanos() + round * period,
                one.outputTokens(),
                inRound(one.prompt(), round)));
      }
    }
    return all;
  }

  private static BlockHashes inRound(BlockHashes prompt, int round) {
    long[] sequence = prompt.sequence().clone();
    for (int i = 0; i < sequence.length; i++) {
      sequence[i] = BlockHasher.chain(round, sequence[i]);
    }
    return new BlockHashes(prompt.blockSize(), prompt.tokenCount(), sequence, sequence);
  }
}
