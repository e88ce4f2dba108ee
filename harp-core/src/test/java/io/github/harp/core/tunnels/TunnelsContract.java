// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.tunnels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.testing.TestExApp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What whoever knows of tunnels promises. */
public abstract class TunnelsContract {

  protected static final int PORT = 23000;
  protected static final ExApp DEMO = exApp("demo", "its secret");
  protected static final TunnelHolder BY_DEMO = new TunnelHolder(Optional.of(DEMO.deployment()));

  /** The ones under test: none is open, and none ever was. */
  protected abstract Tunnels tunnels();

  /** A tunnel opens at this node. */
  protected abstract void open(long session, int port, TunnelHolder by);

  /** The tunnel of this session is gone. */
  protected abstract void close(long session, int port);

  protected static ExApp exApp(String id, String secret) {
    return TestExApp.at("127.0.0.1", PORT, id, secret);
  }

  @Test
  void aTunnelIsHereFromItsOpeningToItsEnd() {
    assertThat(tunnels().at(PORT)).isEqualTo(Where.NOWHERE);

    open(1, PORT, BY_DEMO);
    assertThat(tunnels().at(PORT)).isEqualTo(new Where.Here(BY_DEMO));
    assertThat(tunnels().at(PORT).holder()).contains(BY_DEMO);
    assertThat(tunnels().at(PORT + 1)).isEqualTo(Where.NOWHERE);

    close(1, PORT);
    assertThat(tunnels().at(PORT).holder()).isEmpty();
  }

  @Test
  @DisplayName("W7: a tunnel that ends after its port was opened anew takes nothing away")
  void w7_aTunnelThatEndsAfterItsPortWasOpenedAnewTakesNothingAway() {
    var told = watch();
    open(1, PORT, BY_DEMO);
    open(2, PORT, BY_DEMO);
    close(1, PORT);

    assertThat(tunnels().at(PORT)).isEqualTo(new Where.Here(BY_DEMO));
    assertThat(told).noneMatch(Tunnels.Closed.class::isInstance);
  }

  @Test
  @DisplayName("W7: who ever had a tunnel is reached through it, also while it is away")
  void w7_whoEverHadATunnelIsReachedThroughIt() {
    assertThat(tunnels().reachedAs(DEMO)).isEmpty();

    open(1, PORT, BY_DEMO);
    close(1, PORT);

    assertThat(tunnels().reachedAs(DEMO)).contains(DEMO.deployment());
    assertThat(tunnels().reachedAs(exApp("by-hand", "another secret"))).isEmpty();
  }

  @Test
  @DisplayName("W7: who is expected is reached through a tunnel where there ever was one")
  void w7_whoIsExpectedIsReachedThroughATunnelWhereThereEverWasOne() {
    var successor = exApp("successor", "another secret");
    tunnels().expect(successor.deployment(), PORT);
    assertThat(tunnels().reachedAs(successor)).isEmpty();

    open(1, PORT, BY_DEMO);

    assertThat(tunnels().reachedAs(successor)).contains(successor.deployment());
  }

  @Test
  void whoWatchesIsToldInTheOrderInWhichItHappens() {
    var told = watch();
    var successor = Deployment.of(new AppId("successor"));

    open(1, PORT, BY_DEMO);
    close(1, PORT);
    close(1, PORT);
    open(2, PORT, BY_DEMO);
    tunnels().expect(successor, PORT);

    assertThat(told)
        .containsExactly(
            new Tunnels.Opened(PORT, BY_DEMO),
            new Tunnels.Remembered(PORT, new Past(true, false, List.of(DEMO.deployment())), false),
            new Tunnels.Closed(PORT),
            new Tunnels.Opened(PORT, BY_DEMO),
            new Tunnels.Remembered(
                PORT, new Past(true, false, List.of(DEMO.deployment(), successor)), false));
    var shown = new ArrayList<String>();
    told.forEach(
        event ->
            event.when(
                it -> shown.add("opened"), it -> shown.add("closed"), it -> shown.add("past")));
    assertThat(shown).containsExactly("opened", "past", "closed", "opened", "past");
  }

  @Test
  void whoStopsWatchingIsToldNothingMore() {
    var told = new ArrayList<Tunnels.Event>();
    tunnels().watch(told::add).close();

    open(1, PORT, BY_DEMO);

    assertThat(told).isEmpty();
  }

  private List<Tunnels.Event> watch() {
    var told = new ArrayList<Tunnels.Event>();
    tunnels().watch(told::add);
    return told;
  }
}
