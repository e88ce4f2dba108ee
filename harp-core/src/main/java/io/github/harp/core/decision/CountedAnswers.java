// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.decision;

import io.github.harp.core.ban.Failures;
import java.net.InetAddress;
import java.util.Set;

/**
 * Which answers of an ExApp count against its caller, and where.
 *
 * @param list where they are counted
 */
public record CountedAnswers(Set<Integer> statuses, Failures list, InetAddress client) {

  /** To be told the first final status, or 101, that the ExApp answered. */
  public void answered(int status) {
    if (statuses.contains(status)) {
      list.record(client, "ANSWERED_" + status);
    }
  }
}
