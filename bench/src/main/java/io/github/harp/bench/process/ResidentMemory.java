// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Memory that processes hold right now. Source: proc(5), {@code VmRSS} in {@code
 * /proc/[pid]/status}.
 */
public final class ResidentMemory {
  private ResidentMemory() {}

  /** The sum in KiB; pages that processes share count once for each. */
  public static long kib(Stream<Long> pids) {
    return pids.mapToLong(ResidentMemory::kibOfOne).sum();
  }

  private static long kibOfOne(long pid) {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
