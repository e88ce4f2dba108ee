// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static io.github.harp.core.testing.DecisionAssert.assertThat;
import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.gate;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Gate.userRoute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.decision.Verdict;
import io.github.harp.core.testing.Gate;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Decisions that have to wait for Nextcloud, whose answers come from a thread of their own. */
class AsynchronousDecisionTest {
  private final Gate gate = gate().withExApp("app", publicRoute("^/public"), userRoute("^/user"));

  @Test
  void whatIsKnownIsDecidedAtOnce() {
    gate.decide(get("/exapps/app/user").session("alice"));
    gate.nextcloud.hold();

    assertThat(gate.decision(get("/exapps/app/user").session("alice")).isComplete()).isTrue();
  }

  @Test
  void theProcedureGoesOnOnTheExecutorOfTheCaller() {
    Queue<Runnable> loop = new ArrayDeque<>();
    gate.nextcloud.hold();
    var decision = gate.gatekeeper.decide(get("/exapps/app/user").session("alice"), loop::add);

    gate.nextcloud.release();
    assertThat(loop).hasSize(1);
    assertThat(decision.isComplete()).isFalse();

    loop.remove().run();
    assertThat(decision.result()).isForwardedTo("app", "/user").withIdentity("alice:SECRET");
  }

  @Test
  void bothWaitsAreComposed() {
    Queue<Runnable> loop = new ArrayDeque<>();
    gate.nextcloud.hold();
    var decision = gate.gatekeeper.decide(get("/exapps/app/user").session("alice"), loop::add);
    gate.nextcloud.release();
    gate.nextcloud.hold();
    loop.remove().run();

    gate.nextcloud.release();
    loop.remove().run();

    assertThat(decision.result()).isForwardedTo("app", "/user");
  }

  @Test
  void manyFirstRequestsCauseOneLookupAndOneQuestion() {
    gate.nextcloud.hold();
    List<Future<Verdict>> decisions =
        Stream.generate(() -> gate.decision(get("/exapps/app/user").session("alice")))
            .limit(20)
            .toList();

    gate.nextcloud.release();

    assertThat(decisions).allSatisfy(it -> assertThat(it.result()).withIdentity("alice:SECRET"));
    assertThat(gate.nextcloud.exAppQuestions()).hasSize(1);
    assertThat(gate.nextcloud.userQuestions()).hasSize(1);
  }

  @Test
  void aPushOvertakesALookup() {
    gate.nextcloud.hold();
    var decision = gate.decision(get("/exapps/app/new"));

    gate.records.put(exApp("app", publicRoute("^/new")));
    gate.nextcloud.release();

    assertThat(decision.result()).isForwardedTo("app", "/new");
    assertThat(gate.decide(get("/exapps/app/new"))).isForwardedTo("app", "/new");
  }

  @Test
  void anExecutorThatIsShutDownFailsTheDecisionInsteadOfHanging() {
    gate.nextcloud.hold();
    var decision =
        gate.gatekeeper.decide(
            get("/exapps/app/public"),
            task -> {
              throw new RejectedExecutionException("stopped");
            });

    gate.nextcloud.release();

    assertThat(decision.failed()).isTrue();
  }
}
