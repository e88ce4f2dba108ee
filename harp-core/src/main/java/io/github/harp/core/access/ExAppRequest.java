// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.route.RouteMatch;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * A request to an ExApp while it is being decided.
 *
 * @param executor where to go on after a wait
 */
record ExAppRequest(Caller caller, ExAppPath target, Executor executor) {

  Decision.Forward forwardSigned(ExApp to, SignedRequest signed) {
    return new Decision.Forward(
        to,
        target.rest(),
        signed.authorization(),
        NcUser.ANONYMOUS,
        true,
        Set.of(),
        Reason.SIGNED_REQUEST,
        caller.address());
  }

  Decision.Forward forward(ExApp to, NcUser user, RouteMatch.Found route, Reason reason) {
    return new Decision.Forward(
        to,
        target.rest(),
        AppApiAuthorization.of(user, to),
        user,
        false,
        route.bruteForceStatuses(),
        reason,
        caller.address(),
        caller.isSentByAnotherSite());
  }
}
