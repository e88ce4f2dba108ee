// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.process;

import io.github.harp.bench.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How many files a process may have open here, which bounds its connections. Source: proc(5),
 * {@code /proc/[pid]/limits}; a JVM raises its own limit to the hard one.
 */
public final class OpenFiles {
  private static final long SPARE = 500;
  private static final long MOST = 200_000;

  private OpenFiles() {}

  /**
   * How many connections a process can have here.
   *
   * @param files that each takes, two where a proxy opens another one for it
   */
  public static int connections(int files) {
    try (var lines = Files.lines(Path.of("/proc/self/limits"))) {
      var limit =
          lines
              .filter(line -> line.startsWith("Max open files"))
              .map(line -> line.split("\\s{2,}")[2])
              .findFirst()
              .orElse("unlimited");
      long all = "unlimited".equals(limit) ? MOST : Math.min(MOST, Long.parseLong(limit));
      return (int) ((all - SPARE) / files);
    } catch (IOException e) {
      throw new BenchException("/proc/self/limits cannot be read: the harness needs Linux", e);
    }
  }
}
