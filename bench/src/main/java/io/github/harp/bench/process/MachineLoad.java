// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.process;

import io.github.harp.bench.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What the whole machine did between two moments, to tell whether a measurement was alone on it.
 *
 * @param totalSeconds processor seconds that passed, all cores together
 * @param busySeconds of these, spent on any process
 * @param stolenSeconds of these, taken by the hypervisor for another guest
 * @param oursSeconds of the busy ones, used by this process and everything it started
 */
public record MachineLoad(
    double totalSeconds, double busySeconds, double stolenSeconds, double oursSeconds) {
  private static final double TICKS_PER_SECOND = 100;

  /** The counters since boot. Source: proc(5), {@code /proc/stat}. */
  public static MachineLoad now() {
    try (var lines = Files.lines(Path.of("/proc/stat"))) {
      var cpu = lines.findFirst().orElseThrow().trim().split("\\s+");
      double total = 0;
      for (int i = 1; i <= 8; i++) {
        total += ticks(cpu[i]);
      }
      double idle = ticks(cpu[4]) + ticks(cpu[5]);
      double stolen = ticks(cpu[8]);
      return new MachineLoad(total, total - idle - stolen, stolen, ours());
    } catch (IOException e) {
      throw new BenchException("/proc/stat cannot be read: the harness needs Linux", e);
    }
  }

  /** What happened since an earlier moment. */
  public MachineLoad since(MachineLoad earlier) {
    return new MachineLoad(
        totalSeconds - earlier.totalSeconds,
        busySeconds - earlier.busySeconds,
        stolenSeconds - earlier.stolenSeconds,
        oursSeconds - earlier.oursSeconds);
  }

  /**
   * The share of the machine that went to processes that are not part of the comparison, 0 to 1.
   */
  public double othersShare() {
    return totalSeconds <= 0 ? 0 : Math.max(0, busySeconds - oursSeconds) / totalSeconds;
  }

  /** The share of the machine that the hypervisor took away, 0 to 1. */
  public double stolenShare() {
    return totalSeconds <= 0 ? 0 : stolenSeconds / totalSeconds;
  }

  private static double ours() {
    var self = ProcessHandle.current();
    return CpuTime.of(
            Stream.concat(Stream.of(self.pid()), self.descendants().map(ProcessHandle::pid)))
        .withEnded();
  }

  private static double ticks(String field) {
    return Long.parseLong(field) / TICKS_PER_SECOND;
  }
}
