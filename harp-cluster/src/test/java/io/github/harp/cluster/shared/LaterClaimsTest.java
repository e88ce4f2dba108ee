// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.cluster.shared.PortClaims.Claim;
import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.Where;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Of two claims the one with the higher turn counts, whichever is heard first. */
class LaterClaimsTest {

  private static final int PORT = 23_000;
  private static final Optional<TunnelHolder> BY_KEY = Optional.of(TunnelHolder.OF_KEY);
  private static final Optional<TunnelHolder> BY_DEMO =
      Optional.of(
          new TunnelHolder(Optional.of(Deployment.of(new AppId("demo"), Secret.of("its secret")))));
  private static final Optional<TunnelHolder> NOBODY = Optional.empty();

  private final PortClaims one = new PortClaims("run of one", "one");
  private final PortClaims two = new PortClaims("run of two", "two");
  private final PortClaims three = new PortClaims("run of three", "three");

  private static PortClaims.Outcome settled(PortClaims at, Optional<TunnelHolder> here) {
    return at.settle(PORT, here, 1, claim -> true);
  }

  private static Claim told(PortClaims by, Optional<TunnelHolder> here) {
    return settled(by, here).told().orElseThrow();
  }

  private static Where at(String node) {
    return new Where.Elsewhere(node, TunnelHolder.OF_KEY);
  }

  @Test
  void anEarlierOneThatIsHeardLateMovesNothing() {
    var earlier = told(one, BY_KEY);
    two.hear(earlier);
    var later = told(two, BY_KEY);
    assertThat(later.turn()).isGreaterThan(earlier.turn());

    three.hear(later);
    three.hear(earlier);

    assertThat(settled(three, NOBODY).elsewhere()).isEqualTo(at("two"));
    assertThat(three.laterThan(earlier)).contains(later);
    assertThat(three.laterThan(later)).isEmpty();
  }

  @Test
  void theEndOfAnEarlierTunnelTakesNothingFromALaterOne() {
    one.hear(told(two, BY_KEY));
    var later = told(one, BY_KEY);
    var end = told(two, NOBODY);
    assertThat(end.by()).isEmpty();

    for (var claim : new Claim[] {later, end}) {
      one.hear(claim);
      three.hear(claim);
    }

    assertThat(settled(one, BY_KEY).told()).isEmpty();
    assertThat(settled(three, NOBODY).elsewhere()).isEqualTo(at("one"));
  }

  @Test
  void oneWhoWasNeverHeardOfBeginsByTheClock() {
    assertThat(one.settle(PORT, BY_KEY, 1_000, claim -> true).told().orElseThrow().turn())
        .isEqualTo(1_000);
    two.hear(new Claim(PORT, 5, "of long ago", "three", NOBODY));
    assertThat(two.settle(PORT, BY_KEY, 1_000, claim -> true).told().orElseThrow().turn())
        .isEqualTo(1_000);
  }

  @Test
  void anotherClientAtTheSameNodeIsSaid() {
    var first = told(one, BY_KEY);
    assertThat(settled(one, BY_KEY).told()).isEmpty();

    var second = told(one, BY_DEMO);

    assertThat(second.by()).isEqualTo(BY_DEMO);
    assertThat(second.turn()).isGreaterThan(first.turn());
  }

  @Test
  void itsOwnAreNobodysThatIsGone() {
    told(one, BY_KEY);
    assertThat(one.orphans(claim -> false)).isEmpty();

    two.hear(one.own().iterator().next());
    assertThat(two.orphans(claim -> false)).containsExactly(PORT);
    assertThat(two.orphans(claim -> true)).isEmpty();
  }

  @Test
  void theNumberOfANodeSaysWhichAreOpenAndSinceWhen() {
    var first = told(one, BY_KEY);
    two.hear(first);
    three.hear(new Claim(PORT, first.turn() + 1, first.run(), first.node(), first.by()));
    assertThat(two.digests()).isEqualTo(one.digests()).isNotEqualTo(three.digests());

    told(one, NOBODY);
    assertThat(one.digests()).isEmpty();
  }

  @Test
  void whatIsNoPortIsNotRead() {
    for (var port : new int[] {-1, 0, 65_536}) {
      var text = TunnelText.of(new Claim(port, 1, "run of one", "one", BY_KEY));
      assertThatThrownBy(() -> TunnelText.claim(text)).hasMessage("port " + port);
    }
  }

  @Test
  void moreThanThereArePortsAreNotRemembered() {
    for (var port = 1; port <= 5_000; port++) {
      one.hear(new Claim(port, 1, "run of two", "two", BY_KEY));
    }
    one.hear(new Claim(1, 2, "run of three", "three", BY_KEY));

    assertThat(one.ports()).hasSize(1_200);
    assertThat(one.settle(1, NOBODY, 1, claim -> true).elsewhere()).isEqualTo(at("three"));
  }
}
