// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.decision;

import io.github.harp.core.instance.Instance;
import java.net.InetAddress;

/**
 * What is to happen to one request, and why. The answer, the log line and the metric are made from
 * this one object.
 *
 * @param instance whose request it is
 * @param client the true address of the caller: what bans count and logs name
 * @param keyed whether the shared key came along
 * @param counted whether it counted against the client
 */
public record Verdict(
    Decision decision,
    Instance instance,
    Reason reason,
    InetAddress client,
    boolean keyed,
    boolean counted) {

  /** Does what was decided. */
  public <C> void carryOut(Decision.Cases<C> cases, C request) {
    decision.match(cases, request, this);
  }
}
