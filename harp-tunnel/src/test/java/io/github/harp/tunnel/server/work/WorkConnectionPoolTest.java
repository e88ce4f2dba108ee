// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkConnectionPoolTest {

  private final EmbeddedChannel control = new EmbeddedChannel();
  private int requests;
  private final WorkConnectionPool pool =
      new WorkConnectionPool(control.eventLoop(), 1, Duration.ofSeconds(10), () -> requests++);

  private Future<WorkConnection> take() {
    return pool.take(control.eventLoop());
  }

  private static WorkConnection stream() {
    return new WorkConnection(new EmbeddedChannel());
  }

  @Test
  void asksForAsManyAsItWantsIdle() {
    pool.request();
    pool.request();

    assertThat(requests).isOne();
  }

  @Test
  void aUserGetsAnIdleStreamAndAnotherOneIsAskedFor() {
    pool.request();
    WorkConnection stream = stream();
    assertThat(pool.offer(stream)).isTrue();

    assertThat(take().getNow()).isSameAs(stream);
    assertThat(requests).isEqualTo(2);
  }

  @Test
  void aStreamThatDiedInThePoolIsSkipped() {
    pool.request();
    WorkConnection dead = stream();
    pool.offer(dead);
    dead.channel().close();

    assertThat(take().isDone()).isFalse();
  }

  @Test
  void usersWhoWaitAreServedInOrder() {
    Future<WorkConnection> first = take();
    Future<WorkConnection> second = take();

    pool.offer(stream());

    assertThat(first.isSuccess()).isTrue();
    assertThat(second.isDone()).isFalse();
  }

  @Test
  void whereThereAreManyUsersTheyKeepThoseOfAnotherEventLoopWaitingForOne() {
    for (int i = 0; i < 1_000; i++) {
      take();
    }
    Future<WorkConnection> other = pool.take(new EmbeddedChannel().eventLoop());

    pool.offer(stream());
    assertThat(other.isDone()).isFalse();
    pool.offer(stream());

    assertThat(other.isSuccess()).isTrue();
  }

  @Test
  void aUserWhoLeftIsPassedOver() {
    Future<WorkConnection> left = take();
    Future<WorkConnection> next = take();
    left.cancel(false);

    pool.offer(stream());

    assertThat(next.isSuccess()).isTrue();
  }

  @Test
  void aUserWaitsOnlySoLong() {
    control.freezeTime();
    Future<WorkConnection> user = take();

    control.advanceTimeBy(10, TimeUnit.SECONDS);
    control.runScheduledPendingTasks();

    assertThat(user.cause()).hasMessageContaining("within 10 s");
  }

  @Test
  void aRequestThatTheClientDidNotAnswerIsForgottenInTime() {
    control.freezeTime();
    pool.request();
    control.advanceTimeBy(11, TimeUnit.SECONDS);

    pool.request();

    assertThat(requests).isEqualTo(2);
  }

  @Test
  void whatNobodyAskedForIsRefused() {
    assertThat(pool.offer(stream())).as("late, but wanted").isTrue();
    assertThat(pool.offer(stream())).isFalse();
  }

  @Test
  void growsALittleWhenUsersHaveToWait() {
    for (int i = 0; i < 100; i++) {
      take();
      pool.offer(stream());
    }
    int before = requests;
    for (int i = 0; i < 100; i++) {
      pool.offer(stream());
    }

    assertThat(pool.idleCount()).isEqualTo(11);
    assertThat(before).isLessThan(220);
  }

  @Test
  void theEndLetsEverybodyGo() {
    Future<WorkConnection> user = take();

    pool.close();

    assertThat(user.cause()).hasMessageContaining("gone");
    assertThat(take().cause()).hasMessageContaining("closed");
    assertThat(pool.offer(stream())).isFalse();
  }
}
