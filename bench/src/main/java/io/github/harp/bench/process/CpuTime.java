// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Processor time, user and system, in seconds. Source: proc(5), {@code /proc/[pid]/stat}, which
 * counts in hundredths.
 *
 * @param own what the processes used themselves
 * @param withEnded {@code own} and what their ended children had used
 */
public record CpuTime(double own, double withEnded) {
  private static final double TICKS_PER_SECOND = 100;

  /** The sum over processes that live now; those that are gone count nothing. */
  public static CpuTime of(Stream<Long> pids) {
    return pids.map(CpuTime::ofOne)
        .reduce(new CpuTime(0, 0), (a, b) -> new CpuTime(a.own + b.own, a.withEnded + b.withEnded));
  }

  private static CpuTime ofOne(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The name in parentheses may hold blanks; what follows it starts with field 3, the state.
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      var own = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      var ended = Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
      return new CpuTime(own / TICKS_PER_SECOND, (own + ended) / TICKS_PER_SECOND);
    } catch (IOException e) {
      return new CpuTime(0, 0);
    }
  }
}
