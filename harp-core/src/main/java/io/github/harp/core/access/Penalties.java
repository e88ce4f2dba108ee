// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.RequestHead;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.decision.Reason;
import java.net.InetAddress;

/** What failures lead to. */
interface Penalties {

  /** Which of the banned are told. */
  BanAnswer answer();

  /** A failure counts. */
  void count(Failures where, InetAddress client, Reason reason);

  /** A caller with the key has failed, which costs nothing. */
  void wrongPath(RequestHead request, InetAddress client, Reason reason);

  /** A key was shown that is not ours. */
  void wrongKey(InetAddress client, String presented);

  /** As in the product. */
  record Real(BanAnswer answer, WrongKeys wrongKeys, WrongPaths wrongPaths) implements Penalties {

    Real(GatekeeperOptions options) {
      this(options.banAnswer(), options.wrongKeys(), new WrongPaths(options.notices()));
    }

    @Override
    public void count(Failures where, InetAddress client, Reason reason) {
      where.record(client, reason.name());
    }

    @Override
    public void wrongPath(RequestHead request, InetAddress client, Reason reason) {
      wrongPaths.tell(request, client, reason);
    }

    @Override
    public void wrongKey(InetAddress client, String presented) {
      wrongKeys.shown(client, presented);
    }
  }

  /** For what has not happened. */
  record None(BanAnswer answer) implements Penalties {

    @Override
    public void count(Failures where, InetAddress client, Reason reason) {}

    @Override
    public void wrongPath(RequestHead request, InetAddress client, Reason reason) {}

    @Override
    public void wrongKey(InetAddress client, String presented) {}
  }
}
