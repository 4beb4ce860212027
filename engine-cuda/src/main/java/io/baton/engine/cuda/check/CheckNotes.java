package io.baton.engine.cuda.check;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The file by which the process that runs checks tells the one above how far it is: a line per
 * start and end, so that it can be read whatever became of the writer.
 *
 * @param running name of the check that was begun and not ended; empty if none
 */
record CheckNotes(Map<String, String> machine, List<CheckResult> ended, String running) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MACHINE = "machine ";
  private static final String STARTED = "started ";
  private static final String ENDED = "ended ";

  static void machine(Path file, Map<String, String> machine) throws IOException {
    append(file, MACHINE + JSON.writeValueAsString(machine));
  }

  static void started(Path file, GpuCheck check) throws IOException {
    append(file, STARTED + check.name());
  }

  static void ended(Path file, CheckResult result) throws IOException {
    append(file, ENDED + JSON.writeValueAsString(result));
  }

  static CheckNotes read(Path file) throws IOException {
    Map<String, String> machine = new LinkedHashMap<>();
    var ended = new ArrayList<CheckResult>();
    String running = "";
    String text = Files.exists(file) ? Files.readString(file) : "";
    // What follows the last line break may be half written.
    for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
      if (line.startsWith(MACHINE)) {
        machine = JSON.readValue(line.substring(MACHINE.length()), new TypeReference<>() {});
      } else if (line.startsWith(STARTED)) {
        running = line.substring(STARTED.length());
      } else if (line.startsWith(ENDED)) {
        ended.add(JSON.readValue(line.substring(ENDED.length()), CheckResult.class));
        running = "";
      }
    }
    return new CheckNotes(machine, ended, running);
  }

  private static void append(Path file, String line) throws IOException {
    Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
