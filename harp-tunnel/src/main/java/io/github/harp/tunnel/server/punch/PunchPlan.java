// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.punch;

import static io.github.harp.tunnel.server.punch.Behaviour.RECEIVE;
import static io.github.harp.tunnel.server.punch.Behaviour.SEND;

import java.util.ArrayList;
import java.util.List;

/**
 * What both peers do. The ways that there are and which of them fit which NATs are frp's, so that
 * its clients are asked for nothing new.
 *
 * @param mode the kind of way, 0 to 4
 * @param owner of the proxy
 * @see <a href="https://github.com/fatedier/frp/blob/v0.61.1/pkg/nathole/analysis.go">frp v0.61.1,
 *     pkg/nathole/analysis.go</a>
 */
record PunchPlan(int mode, Behaviour owner, Behaviour visitor) {

  private static final int ANSWER_MILLIS = 5_000;
  private static final int GUESSING_MILLIS = 30_000;
  private static final int FAR = 7;
  private static final int NEAR = 4;
  private static final int NEIGHBOURS = 10;

  /** Both NATs show one address: one opens its own, the other sends. */
  private static final List<PunchPlan> PLAIN =
      List.of(
          new PunchPlan(0, SEND, RECEIVE.ttl(FAR)),
          new PunchPlan(0, RECEIVE.ttl(FAR), SEND),
          new PunchPlan(0, SEND, RECEIVE.ttl(NEAR)),
          new PunchPlan(0, RECEIVE.ttl(NEAR), SEND),
          new PunchPlan(0, SEND, RECEIVE),
          new PunchPlan(0, RECEIVE, SEND),
          new PunchPlan(0, SEND.after(5_000), RECEIVE),
          new PunchPlan(0, SEND.after(10_000), RECEIVE),
          new PunchPlan(0, RECEIVE, SEND.after(5_000)),
          new PunchPlan(0, RECEIVE, SEND.after(10_000)));

  /** The sender's ports change a little: the receiver opens its NAT for their neighbours. */
  private static final List<PunchPlan> NEIGHBOURING =
      List.of(
          new PunchPlan(1, SEND, RECEIVE.ttl(FAR).around(NEIGHBOURS)),
          new PunchPlan(1, SEND.after(2_000), RECEIVE.ttl(FAR).around(NEIGHBOURS)),
          new PunchPlan(1, SEND, RECEIVE.ttl(NEAR).around(NEIGHBOURS)),
          new PunchPlan(1, SEND.after(2_000), RECEIVE.ttl(NEAR).around(NEIGHBOURS)),
          new PunchPlan(1, SEND, RECEIVE.around(NEIGHBOURS)),
          new PunchPlan(1, SEND.after(2_000), RECEIVE.around(NEIGHBOURS)));

  /** The receiver's ports change at random: it opens many, and the sender guesses. */
  private static final List<PunchPlan> GUESSING =
      List.of(
          new PunchPlan(2, SEND.guessing(1_000).after(3_000), RECEIVE.from(256).ttl(FAR)),
          new PunchPlan(2, SEND.guessing(1_000).after(3_000), RECEIVE.from(256).ttl(NEAR)),
          new PunchPlan(2, SEND.guessing(1_000).after(3_000), RECEIVE.from(256)));

  /** The ports of both change a little. */
  private static final List<PunchPlan> BOTH_NEIGHBOURING =
      List.of(
          new PunchPlan(3, SEND.around(NEIGHBOURS), RECEIVE.ttl(FAR).around(NEIGHBOURS)),
          new PunchPlan(3, SEND.around(NEIGHBOURS), RECEIVE.ttl(NEAR).around(NEIGHBOURS)),
          new PunchPlan(3, SEND.around(NEIGHBOURS), RECEIVE.around(NEIGHBOURS)),
          new PunchPlan(3, RECEIVE.ttl(FAR).around(NEIGHBOURS), SEND.around(NEIGHBOURS)),
          new PunchPlan(3, RECEIVE.ttl(NEAR).around(NEIGHBOURS), SEND.around(NEIGHBOURS)),
          new PunchPlan(3, RECEIVE.around(NEIGHBOURS), SEND.around(NEIGHBOURS)));

  /** The sender's ports change a little, the receiver's at random. */
  private static final List<PunchPlan> BOTH =
      List.of(
          new PunchPlan(4, SEND.guessing(1_000).after(3_000), RECEIVE.from(256).ttl(FAR).around(2)),
          new PunchPlan(
              4, SEND.guessing(1_000).after(3_000), RECEIVE.from(256).ttl(NEAR).around(2)),
          new PunchPlan(4, SEND.guessing(1_000).after(3_000), RECEIVE.from(256).around(2)));

  /** What may work between these two, the likelier first. */
  static List<PunchPlan> between(NatFeature owner, NatFeature visitor) {
    if (owner.easy() && visitor.easy()) {
      return PLAIN;
    }
    if (owner.easy() || visitor.easy()) {
      var neighbouring = owner.easy() ? exchanged(NEIGHBOURING) : NEIGHBOURING;
      var guessing = owner.easy() ? GUESSING : exchanged(GUESSING);
      return owner.isRegular() || visitor.isRegular()
          ? joined(neighbouring, guessing, PLAIN)
          : joined(guessing, neighbouring, PLAIN);
    }
    if (owner.isRegular() && visitor.isRegular()) {
      return joined(BOTH_NEIGHBOURING, BOTH);
    }
    if (owner.isRegular() || visitor.isRegular()) {
      return owner.isRegular() ? BOTH : exchanged(BOTH);
    }
    return joined(PLAIN, NEIGHBOURING, BOTH_NEIGHBOURING);
  }

  private static List<PunchPlan> exchanged(List<PunchPlan> plans) {
    return plans.stream().map(plan -> new PunchPlan(plan.mode, plan.visitor, plan.owner)).toList();
  }

  @SafeVarargs
  private static List<PunchPlan> joined(List<PunchPlan>... lists) {
    var all = new ArrayList<PunchPlan>();
    for (var list : lists) {
      all.addAll(list);
    }
    return List.copyOf(all);
  }

  /** How long a peer waits for the other's datagrams once it has begun. */
  int patienceMillis(Behaviour peer) {
    var guessed = owner.sockets() > 0 || visitor.sockets() > 0;
    return Math.max(owner.delayMillis(), visitor.delayMillis())
        + ANSWER_MILLIS
        + (guessed ? GUESSING_MILLIS : 0)
        - peer.delayMillis();
  }
}
