// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import io.github.harp.core.decision.Verdict;
import java.util.List;

/**
 * What would become of a {@link Supposition}, and why. Holds no secret.
 *
 * @param steps what was looked at, in the order of the decision
 * @param verdict what came of it
 * @param headers what an ExApp would be sent, a line each; empty when it would be sent nothing
 */
public record Explanation(List<Step> steps, Verdict verdict, List<String> headers) {

  public Explanation {
    steps = List.copyOf(steps);
    headers = List.copyOf(headers);
  }

  /**
   * One thing that was looked at.
   *
   * @param what a noun: {@code ban list}, {@code route ^/api/}
   * @param seen what was found there
   */
  public record Step(String what, String seen) {}
}
