// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.path.ExAppPath;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * A request to an ExApp while it is being decided.
 *
 * @param executor where to go on after a wait
 */
record ExAppRequest(Caller caller, ExAppPath target, Executor executor) {

  Verdict forwardSigned(ExApp to, SignedRequest signed) {
    var forward =
        new Decision.Forward(
            to,
            target.rest(),
            signed.authorization(),
            NcUser.ANONYMOUS,
            /* signed= */ true,
            Optional.empty());
    return caller.verdict(forward, Reason.SIGNED_REQUEST);
  }

  Verdict forward(ExApp to, NcUser user, Optional<CountedAnswers> counted, Reason reason) {
    var authorization = AppApiAuthorization.of(user, to);
    var forward =
        new Decision.Forward(to, target.rest(), authorization, user, /* signed= */ false, counted);
    return caller.verdict(forward, reason);
  }
}
