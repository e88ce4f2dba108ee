// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.tunnels;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TunnelRegisterTest extends TunnelsContract {

  private static final Duration MOMENT = Duration.ofSeconds(10);

  private final CachedExAppRecords records =
      new CachedExAppRecords(new FakeNextcloud(), Ticker.systemTicker());
  private final ManualTicker time = new ManualTicker();
  private final TunnelRegister register = new TunnelRegister(records, Map.of(), time);

  @Override
  protected Tunnels tunnels() {
    return register;
  }

  @Override
  protected void open(long session, int port, TunnelHolder by) {
    register.opened(session, port, by);
  }

  @Override
  protected void close(long session, int port) {
    register.closed(session, port);
  }

  @Test
  @DisplayName("F13: a tunnel opened with the key is that of the record on its port, once known")
  void f13_aTunnelOpenedWithTheKeyIsThatOfTheRecordOnItsPort() {
    open(1, PORT, TunnelHolder.OF_KEY);
    assertThat(register.past()).containsEntry(PORT, new Past(true, true, List.of()));

    records.put(DEMO);

    assertThat(register.past())
        .containsEntry(PORT, new Past(true, false, List.of(DEMO.deployment())));
  }

  @Test
  @DisplayName("F13: also where the record came first")
  void f13_alsoWhereTheRecordCameFirst() {
    records.put(DEMO);

    open(1, PORT, TunnelHolder.OF_KEY);

    assertThat(register.past())
        .containsEntry(PORT, new Past(true, false, List.of(DEMO.deployment())));
  }

  @Test
  @DisplayName("S17: the past of an earlier run is the past of this one")
  void s17_thePastOfAnEarlierRunIsThePastOfThisOne() {
    var past = Map.of(PORT, new Past(true, false, List.of(DEMO.deployment())));

    var later = new TunnelRegister(records, past, time);

    assertThat(later.past()).isEqualTo(past);
    assertThat(later.reachedAs(DEMO)).contains(DEMO.deployment());
    assertThat(later.at(PORT)).isEqualTo(Where.NOWHERE);
    assertThat(later.isOpenOrWas(PORT, MOMENT)).as("who had it may be back").isTrue();
  }

  @Test
  void ofWhatAnotherNodeRemembersOnlyTheLatestOwnerPushesOneOut() {
    var all = IntStream.range(0, 12).mapToObj(TunnelRegisterTest::deployment).toList();
    all.subList(0, 8).forEach(each -> register.expect(each, PORT));
    var told = new ArrayList<Tunnels.Event>();
    register.watch(told::add);

    register.remember(PORT, new Past(false, false, List.of(all.get(10), all.get(3))));
    assertThat(register.past().get(PORT).owners()).isEqualTo(all.subList(0, 8));
    register.remember(PORT, new Past(false, false, List.of(all.get(10), all.get(11))));

    var left = List.copyOf(register.past().get(PORT).owners());
    assertThat(left).hasSize(8).startsWith(all.get(1)).endsWith(all.get(7), all.get(11));
    assertThat(told)
        .as("whoever said it told all")
        .containsExactly(new Tunnels.Remembered(PORT, new Past(false, false, left), true));
  }

  @Test
  void earlierOwnersThatAnotherNodeRemembersComeBeforeThoseThatAreKnown() {
    register.expect(deployment(5), PORT);

    register.remember(
        PORT, new Past(true, false, List.of(deployment(1), deployment(2), deployment(3))));

    assertThat(register.past())
        .containsEntry(
            PORT,
            new Past(
                true, false, List.of(deployment(1), deployment(2), deployment(5), deployment(3))));
  }

  private static Deployment deployment(int number) {
    return Deployment.of(new AppId("demo"), Secret.of("secret " + number));
  }

  @Test
  void aTunnelWasThereAMomentAgoUntilTheMomentIsOver() {
    assertThat(register.isOpenOrWas(PORT, MOMENT)).as("never").isFalse();
    register.elsewhere(PORT, new Where.Elsewhere("another", BY_DEMO));
    time.advance(MOMENT);
    assertThat(register.isOpenOrWas(PORT, MOMENT)).as("at another node").isTrue();
    register.elsewhere(PORT, Where.NOWHERE);
    open(1, PORT, BY_DEMO);
    time.advance(MOMENT);
    assertThat(register.isOpenOrWas(PORT, MOMENT)).as("here").isTrue();

    close(1, PORT);
    register.elsewhere(PORT, Where.NOWHERE);
    time.advance(MOMENT.minusMillis(1));
    assertThat(register.isOpenOrWas(PORT, MOMENT)).as("a moment ago").isTrue();
    register.elsewhere(PORT, Where.NOWHERE);
    time.advance(Duration.ofMillis(1));
    assertThat(register.isOpenOrWas(PORT, MOMENT)).as("longer ago").isFalse();
  }

  @Test
  void aClosedRegisterHearsOfRecordsNoMore() {
    open(1, PORT, TunnelHolder.OF_KEY);
    register.close();

    records.put(DEMO);

    assertThat(register.past()).containsEntry(PORT, new Past(true, true, List.of()));
  }

  @Test
  void withATokenNothingIsServedButItsOwnExAppWithTheKeyAll() {
    var demo = Optional.of(DEMO.deployment());
    var other = Optional.of(Deployment.of(new AppId("other")));

    assertThat(BY_DEMO.mayServe(demo)).isTrue();
    assertThat(BY_DEMO.mayServe(other)).isFalse();
    assertThat(BY_DEMO.mayServe(Optional.empty())).isFalse();
    assertThat(TunnelHolder.OF_KEY.mayServe(other)).isTrue();
    assertThat(TunnelHolder.OF_KEY.mayServe(Optional.empty())).isTrue();
  }
}
