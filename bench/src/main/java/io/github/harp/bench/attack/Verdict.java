// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack;

import java.util.Map;

/**
 * What one attack came to.
 *
 * @param p99Millis what 99 of 100 honest requests waited at most
 * @param worstMillis what the last of them waited
 * @param cpuMillisInWorst the processor time that the gateway used meanwhile: where that is little,
 *     it was the machine that had no time
 * @param requests of the honest
 * @param refusals what they got instead of an answer, and how often
 * @param residentKib of the gateway, the most there was
 * @param cpuSeconds that the gateway used
 * @param isAlive whether its process still was afterwards
 * @param backMillis how long it took to serve once the attackers were gone
 * @param othersShare of the machine, used by what has nothing to do with this or stolen, 0 to 1
 * @param attackers what they did
 */
public record Verdict(
    String kind,
    double p99Millis,
    double worstMillis,
    double cpuMillisInWorst,
    long requests,
    Map<String, Integer> refusals,
    long residentKib,
    double cpuSeconds,
    boolean isAlive,
    double backMillis,
    double othersShare,
    String attackers) {
  private static final double LIMIT_MILLIS = 1000;

  /** One request of so many may be refused: a connection that was closed for being idle. */
  private static final int REFUSED_OF = 100;

  static final String HEAD =
      """
      | attack | p99 ms | worst ms | CPU ms meanwhile | requests | refused | peak RSS MiB | CPU s | alive | back in ms | others' CPU | attackers |
      | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | --- | ---: | ---: | --- |""";

  /** Whether others were kept waiting or out, or the gateway ended. */
  public boolean isFault() {
    return !isAlive
        || worstMillis > LIMIT_MILLIS
        || backMillis > LIMIT_MILLIS
        || refused() * REFUSED_OF > requests;
  }

  String line() {
    return "| %s | %.1f | %.0f%s | %.0f | %d | %s | %d | %.1f | %s | %.0f | %.0f %% | %s |"
        .formatted(
            kind,
            p99Millis,
            worstMillis,
            isFault() ? " **!**" : "",
            cpuMillisInWorst,
            requests,
            refusals.isEmpty() ? "" : refusals,
            residentKib / 1024,
            cpuSeconds,
            isAlive ? "yes" : "**no**",
            backMillis,
            othersShare * 100,
            attackers);
  }

  private int refused() {
    return refusals.values().stream().mapToInt(Integer::intValue).sum();
  }
}
