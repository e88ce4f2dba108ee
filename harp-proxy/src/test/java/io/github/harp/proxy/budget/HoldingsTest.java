// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** S1: who has to go when memory is short. */
class HoldingsTest {

  private static final long LIMIT = 1_000;

  private final ClientBudget budget = new ClientBudget(LIMIT, LIMIT);
  private final List<String> gone = new ArrayList<>();
  private long now;
  private final Holdings loop = new Holdings(budget, () -> now);

  /** Gives back what it has when it must go. */
  private final class Client implements Holder {
    private final String name;
    private final Holdings.Holding holding;

    Client(String name, Holdings of) {
      this.name = name;
      this.holding = of.open(this);
    }

    Client keeps(long bytes) {
      holding.set(bytes, -bytes);
      return this;
    }

    @Override
    public void shed() {
      gone.add(name);
      holding.close();
    }
  }

  private Client client(String name) {
    return new Client(name, loop);
  }

  private void pass(Duration time) {
    now += time.toNanos();
    loop.check(now);
  }

  @Test
  void nobodyGoesWhileThereIsRoom() {
    client("a").keeps(LIMIT - 1);
    pass(Duration.ofHours(1));

    assertThat(budget.buffers().isShort()).isFalse();
    assertThat(gone).isEmpty();
  }

  @Test
  void theLargestThatStandStillGoUntilThereIsRoom() {
    client("small").keeps(100);
    client("largest").keeps(600);
    client("large").keeps(500);
    assertThat(budget.buffers().isShort()).isTrue();

    pass(Duration.ofSeconds(4));
    assertThat(gone).isEmpty();
    pass(Duration.ofSeconds(2));
    assertThat(gone).containsExactly("largest");
    assertThat(budget.buffers().used()).isEqualTo(600);
    assertThat(budget.shed()).isEqualTo(1);
  }

  @Test
  void whoMovesStays() {
    var moving = client("moving").keeps(800);
    client("still").keeps(300);
    pass(Duration.ofSeconds(4));
    moving.keeps(790);
    pass(Duration.ofSeconds(2));

    assertThat(gone).containsExactly("still");
  }

  @Test
  void toKeepEvenMoreIsNoMove() {
    var greedy = client("greedy").keeps(900);
    pass(Duration.ofSeconds(4));
    greedy.keeps(1_100);
    pass(Duration.ofSeconds(2));

    assertThat(gone).containsExactly("greedy");
  }

  @Test
  void whereItIsUrgentPatienceIsShort() {
    client("a").keeps(LIMIT + LIMIT / 4);
    assertThat(budget.buffers().isUrgent()).isTrue();
    assertThat(budget.isExhausted()).isFalse();
    pass(Duration.ofMillis(1_100));

    assertThat(gone).containsExactly("a");
  }

  /** Such as one whose answer is slow to go out on a busy machine, among many that move. */
  @Test
  void whoKeepsNextToNothingStays() {
    var moving = client("moving").keeps(LIMIT);
    client("bystander").keeps(10);
    pass(Duration.ofSeconds(4));
    moving.keeps(LIMIT - 1);
    pass(Duration.ofSeconds(2));

    assertThat(budget.buffers().isShort()).isTrue();
    assertThat(gone).isEmpty();
  }

  /** Others are turned away meanwhile. */
  @Test
  void whereThereIsNoRoomForAnythingNewNobodyWaitsASecond() {
    client("small").keeps(100);
    client("large").keeps(2 * LIMIT);
    assertThat(budget.isExhausted()).isTrue();
    pass(Duration.ofMillis(300));

    assertThat(gone).containsExactly("large");
    assertThat(budget.isExhausted()).isFalse();
  }

  @Test
  void eachEventLoopSeesToItsPart() {
    var other = new Holdings(budget, () -> now);
    new Client("there", other).keeps(900);
    client("here").keeps(90);
    client("here, too").keeps(20);
    pass(Duration.ofSeconds(6));

    assertThat(gone).containsExactly("here");
    other.check(now);
    assertThat(gone).containsExactly("here");
    assertThat(budget.buffers().isShort()).isFalse();
  }

  @Test
  void anEventLoopGivesUpNoMoreThanItsShareOfWhatIsTooMuch() {
    new Client("there", new Holdings(budget, () -> now)).keeps(900);
    client("largest here").keeps(150);
    client("large here").keeps(100);
    client("small here").keeps(90);
    pass(Duration.ofSeconds(6));

    assertThat(gone).containsExactly("largest here");
  }

  @Test
  void requestsAreCountedApart() {
    client("waiting").holding.request(LIMIT);
    client("other").holding.request(10);
    assertThat(budget.buffers().used()).isZero();
    pass(Duration.ofSeconds(6));

    assertThat(gone).containsExactly("waiting");
    assertThat(budget.requests().used()).isEqualTo(10);
  }

  @Test
  void whatIsClosedKeepsNothingWhateverItTells() {
    var client = client("a").keeps(500);
    client.holding.request(200);
    client.holding.close();
    client.holding.set(700, 0);
    client.holding.request(300);
    client.holding.close();

    assertThat(budget.buffers().used()).isZero();
    assertThat(budget.requests().used()).isZero();
  }
}
