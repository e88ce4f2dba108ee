// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.ban;

import static io.github.harp.core.testing.FakeRequest.address;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ban.Failures.Failure;
import io.github.harp.core.testing.ManualTicker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What whoever counts failures promises. */
public abstract class FailuresContract {
  private static final InetAddress MALLORY = address("203.0.113.7");
  private static final Duration WINDOW = Duration.ofSeconds(300);

  private final ManualTicker ticker = new ManualTicker();
  private final Failures bans = failures(3, WINDOW, ticker);

  /** None yet; so many within so long a time ban an address. */
  protected abstract Failures failures(int count, Duration window, Ticker time);

  private void fail(int times) {
    for (var i = 0; i < times; i++) {
      bans.record(MALLORY, "GUESS");
    }
  }

  @Test
  void bansAtTheCount() {
    fail(2);
    assertThat(bans.isBanned(MALLORY)).isFalse();

    assertThat(bans.record(MALLORY, "GUESS")).isTrue();
    assertThat(bans.isBanned(MALLORY)).isTrue();
  }

  @Test
  @DisplayName("S11: knows before the failure that bans, and for how long it will")
  void s11_knowsWhatComesNext() {
    assertThat(bans.bansNext(MALLORY)).isFalse();
    fail(1);
    ticker.advance(Duration.ofSeconds(100));
    fail(1);
    assertThat(bans.bansNext(MALLORY)).isTrue();
    assertThat(bans.remaining(MALLORY)).isZero();

    fail(1);
    assertThat(bans.remaining(MALLORY)).isEqualTo(Duration.ofSeconds(200));
    ticker.advance(Duration.ofSeconds(200));
    assertThat(bans.remaining(MALLORY)).isZero();
    assertThat(bans.bansNext(MALLORY)).isTrue();
    ticker.advance(Duration.ofSeconds(100));
    assertThat(bans.bansNext(MALLORY)).isFalse();
  }

  @Test
  @DisplayName("S11: with one failure that bans, every one is the next")
  void s11_oneFailureBans() {
    assertThat(failures(1, WINDOW, ticker).bansNext(MALLORY)).isTrue();
    assertThat(failures(1, Duration.ZERO, ticker).bansNext(MALLORY)).isFalse();
  }

  @Test
  void bansNobodyElse() {
    fail(3);

    assertThat(bans.isBanned(address("203.0.113.8"))).isFalse();
  }

  @Test
  void theWindowSlides() {
    fail(1);
    ticker.advance(Duration.ofSeconds(200));
    fail(2);
    assertThat(bans.isBanned(MALLORY)).isTrue();

    ticker.advance(Duration.ofSeconds(100));
    assertThat(bans.isBanned(MALLORY)).isFalse();

    fail(1);
    assertThat(bans.isBanned(MALLORY)).isTrue();
  }

  @Test
  void aFailureCountsForLessThanTheWindow() {
    fail(3);
    ticker.advance(WINDOW.minusNanos(1));
    assertThat(bans.isBanned(MALLORY)).isTrue();

    ticker.advance(Duration.ofNanos(1));
    assertThat(bans.isBanned(MALLORY)).isFalse();
  }

  @Test
  void aFailureThatIsKnownLateCountsForTheRestOfItsTime() {
    bans.record(MALLORY, "NEW");
    bans.record(MALLORY, new Failure("OLD", Duration.ofSeconds(100)));
    bans.record(MALLORY, new Failure("TOO_OLD", WINDOW));
    assertThat(bans.isBanned(MALLORY)).isFalse();

    assertThat(bans.record(MALLORY, new Failure("OLDER", Duration.ofSeconds(200)))).isTrue();

    assertThat(bans.remaining(MALLORY)).isEqualTo(Duration.ofSeconds(100));
    assertThat(bans.entries().get(0).failures())
        .extracting(Failure::reason)
        .containsExactly("OLDER", "OLD", "NEW");
    ticker.advance(Duration.ofSeconds(100));
    assertThat(bans.isBanned(MALLORY)).isFalse();
  }

  @Test
  void aFailureThatIsKnownLateTakesTheirPlaceFromNoneThatCameAfter() {
    fail(3);

    bans.record(MALLORY, new Failure("OLD", Duration.ofSeconds(299)));

    ticker.advance(Duration.ofSeconds(100));
    assertThat(bans.remaining(MALLORY)).isEqualTo(Duration.ofSeconds(200));
  }

  @Test
  void aFailureCountsOnceHoweverOftenItIsTold() {
    var told = new ArrayList<Failures.Event>();
    bans.watch(told::add);
    for (var age = 0; age < 5; age++) {
      bans.record(MALLORY, new Failure("GUESS", Duration.ofSeconds(age), 7));
    }
    assertThat(bans.of(MALLORY)).containsExactly(new Failure("GUESS", Duration.ZERO, 7));
    assertThat(told).hasSize(1);

    bans.record(MALLORY, new Failure("GUESS", Duration.ZERO, 8));
    assertThat(bans.record(address("198.51.100.1"), new Failure("GUESS", Duration.ZERO, 7)))
        .isFalse();
    assertThat(bans.record(MALLORY, new Failure("GUESS", Duration.ZERO, 9))).isTrue();
  }

  @Test
  void withoutAWindowNothingAdds() {
    var never = failures(1, Duration.ofSeconds(-5), ticker);

    never.record(MALLORY, "GUESS");

    assertThat(never.isBanned(MALLORY)).isFalse();
  }

  @Test
  @DisplayName("W29: an IPv4 address mapped into IPv6 is the same client")
  void w29_aMappedAddressIsTheSameClient() {
    fail(3);

    assertThat(bans.isBanned(address("::ffff:203.0.113.7"))).isTrue();
  }

  @Test
  @DisplayName("W11: asking about an address stores nothing")
  void w11_askingStoresNothing() {
    bans.isBanned(MALLORY);

    assertThat(bans.entries()).isEmpty();
  }

  @Test
  void tellsWhoIsBannedAndWhy() {
    bans.record(address("198.51.100.1"), "NO_ROUTE");
    fail(2);
    ticker.advance(Duration.ofSeconds(7));
    bans.record(MALLORY, "PARENT_SEGMENT");

    var entries = bans.entries();

    assertThat(entries).extracting(Failures.Entry::banned).containsExactly(true, false);
    assertThat(bans.banned()).isEqualTo(1);
    assertThat(entries.get(0).network()).isEqualTo(MALLORY);
    assertThat(entries.get(0).failures())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("id")
        .containsExactly(
            new Failure("GUESS", Duration.ofSeconds(7)),
            new Failure("GUESS", Duration.ofSeconds(7)),
            new Failure("PARENT_SEGMENT", Duration.ZERO));
  }

  @Test
  void canBeClearedForOneOrForAll() {
    fail(3);
    bans.record(address("198.51.100.1"), "NO_ROUTE");

    assertThat(bans.clear(MALLORY)).isTrue();
    assertThat(bans.clear(MALLORY)).isFalse();
    assertThat(bans.isBanned(MALLORY)).isFalse();
    assertThat(bans.entries()).hasSize(1);

    bans.clear();
    assertThat(bans.entries()).isEmpty();
    assertThat(bans.banned()).isZero();
  }

  @Test
  void thoseWithSomeIdsCanBeCleared() {
    for (var id = 1; id <= 3; id++) {
      bans.record(MALLORY, new Failure("GUESS", Duration.ZERO, id));
    }
    var told = new ArrayList<Failures.Event>();
    try (var watch = bans.watch(told::add)) {
      bans.clear(MALLORY, Set.of(2L, 3L, 4L));
      bans.clear(MALLORY, Set.of(3L));
    }
    assertThat(bans.of(MALLORY)).extracting(Failure::id).containsExactly(1L);
    assertThat(bans.isBanned(MALLORY)).isFalse();
    assertThat(told).containsExactly(new Failures.Cleared(Optional.of(MALLORY)));

    bans.clear(MALLORY, Set.of(1L));
    assertThat(bans.entries()).isEmpty();
  }

  @Property(tries = 300)
  void agreesWithCountingAllFailures(
      @ForAll @IntRange(min = 1, max = 5) int count,
      @ForAll @Size(max = 40) List<@IntRange(max = 150) Integer> pauses) {
    var time = new ManualTicker();
    var list = failures(count, WINDOW, time);
    var failures = new ArrayList<Long>();
    for (var pause : pauses) {
      time.advance(Duration.ofSeconds(pause));
      list.record(MALLORY, "GUESS");
      failures.add(time.read());
      var young = failures.stream().filter(it -> time.read() - it < WINDOW.toNanos()).count();

      assertThat(list.isBanned(MALLORY)).isEqualTo(young >= count);
    }
  }

  @Test
  void whoWatchesIsToldOfWhatIsCountedAndForgotten() {
    var told = new ArrayList<Failures.Event>();
    bans.record(MALLORY, "BEFORE");
    var watch = bans.watch(told::add);

    bans.record(address("2001:db8::7"), "GUESS");
    bans.clear(MALLORY);
    bans.clear();
    ticker.advance(WINDOW);
    watch.close();
    bans.record(MALLORY, "AFTERWARDS");

    assertThat(told)
        .containsExactly(
            new Failures.Recorded(address("2001:db8::"), "GUESS"),
            new Failures.Cleared(Optional.of(MALLORY)),
            new Failures.Cleared(Optional.empty()));
    var shown = new ArrayList<String>();
    told.forEach(event -> event.when(it -> shown.add("recorded"), it -> shown.add("cleared")));
    assertThat(shown).containsExactly("recorded", "cleared", "cleared");
  }

  @Test
  void whatIsToldMakesAnotherKnowTheSame() {
    var other = failures(3, WINDOW, ticker);
    bans.watch(
        event ->
            event.when(
                recorded -> other.record(recorded.network(), recorded.reason()),
                cleared -> cleared.network().ifPresentOrElse(other::clear, other::clear)));

    bans.record(address("198.51.100.1"), "NO_ROUTE");
    fail(3);
    bans.clear(address("198.51.100.1"));

    assertThat(other.entries())
        .usingRecursiveComparison()
        .ignoringFields("failures.id")
        .isEqualTo(bans.entries());
    assertThat(other.entries()).hasSize(1);
    assertThat(other.isBanned(MALLORY)).isTrue();
  }
}
