package io.baton.engine.cuda.compile;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kernel needs, as the compiler's log tells.
 *
 * @param registers of a thread
 * @param spillStores bytes of registers that go to memory, a thread
 * @param spillLoads bytes that come back
 * @param sharedBytes shared memory that the source declares, a block
 */
public record KernelUsage(
    String kernel, int registers, int spillStores, int spillLoads, int sharedBytes) {
  private static final Pattern ENTRY = Pattern.compile("Compiling entry function '([^']+)'");
  private static final Pattern SPILLS =
      Pattern.compile("(\\d+) bytes spill stores, (\\d+) bytes spill loads");
  private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  /** Reads the log of a compilation with {@code --ptxas-options=-v}. */
  static List<KernelUsage> parse(String log) {
    var found = new ArrayList<KernelUsage>();
    String kernel = "";
    int stores = 0;
    int loads = 0;
    for (String line : log.split("\n")) {
      Matcher entry = ENTRY.matcher(line);
      Matcher spills = SPILLS.matcher(line);
      Matcher registers = REGISTERS.matcher(line);
      if (entry.find()) {
        kernel = entry.group(1);
        stores = 0;
        loads = 0;
      } else if (spills.find()) {
        stores = Integer.parseInt(spills.group(1));
        loads = Integer.parseInt(spills.group(2));
      } else if (registers.find() && !kernel.isEmpty()) {
        Matcher shared = SHARED.matcher(line);
        int bytes = shared.find() ? Integer.parseInt(shared.group(1)) : 0;
        found.add(
            new KernelUsage(kernel, Integer.parseInt(registers.group(1)), stores, loads, bytes));
        kernel = "";
      }
    }
    return List.copyOf(found);
  }
}
