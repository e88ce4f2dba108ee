// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.punch;

import io.github.harp.tunnel.server.TunnelIdentity;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What has worked between which two NATs. A plan that was tried comes behind the others until it is
 * known to have worked. Remembers a bounded number of pairs. Thread-safe.
 */
final class Experience {

  private static final int MAX_PAIRS = 4_096;
  private static final long KEPT_NANOS = Duration.ofDays(7).toNanos();
  private static final int SUCCESS = 2;
  private static final int MOST = 10;

  /** Where a peer is seen, and how. */
  record Place(InetAddress address, NatFeature nat) {

    @Override
    public String toString() {
      return address.getHostAddress() + " (" + nat.inWords() + ")";
    }
  }

  /**
   * @param whose what is told of its addresses counts for this owner alone: peers name their
   *     addresses themselves, and might name others'
   */
  record Pair(TunnelIdentity whose, Place owner, Place visitor) {

    @Override
    public String toString() {
      return "the owner at " + owner + ", the visitor at " + visitor;
    }
  }

  /** One plan on trial. */
  record Trial(Pair pair, int index, PunchPlan plan) {}

  private record Scores(int[] of, long lastNanos) {}

  private final Map<Pair, Scores> pairs =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Pair, Scores> eldest) {
          return size() > MAX_PAIRS;
        }
      };

  /** The plan that is the likeliest to work now. */
  synchronized Trial next(Pair pair, long nowNanos) {
    var plans = PunchPlan.between(pair.owner().nat(), pair.visitor().nat());
    var known = pairs.get(pair);
    var scores =
        known == null || nowNanos - known.lastNanos() > KEPT_NANOS
            ? plans.stream().mapToInt(plan -> expectation(plan, pair)).toArray()
            : known.of();
    pairs.put(pair, new Scores(scores, nowNanos));
    var best = best(scores);
    scores[best]--;
    return new Trial(pair, best, plans.get(best));
  }

  private static int best(int[] scores) {
    return IntStream.range(1, scores.length)
        .reduce(0, (best, other) -> scores[other] > scores[best] ? other : best);
  }

  /** Who is in public receives best. */
  private static int expectation(PunchPlan plan, Pair pair) {
    if (plan.mode() != 0) {
      return 0;
    }
    if (pair.owner().nat().inPublic()) {
      return plan.owner().sends() ? 0 : 1;
    }
    return pair.visitor().nat().inPublic() && plan.owner().sends() ? 1 : 0;
  }

  synchronized void worked(Trial trial) {
    var known = pairs.get(trial.pair());
    if (known != null) {
      var scores = known.of();
      scores[trial.index()] = Math.min(scores[trial.index()] + SUCCESS, MOST);
    }
  }
}
