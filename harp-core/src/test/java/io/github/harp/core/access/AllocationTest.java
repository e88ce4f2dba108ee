// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static io.github.harp.core.testing.DecisionAssert.assertThat;
import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.gate;
import static io.github.harp.core.testing.Gate.userRoute;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.Gate;
import java.lang.management.ManagementFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Guards the hot path: what a decision costs when all is known. */
class AllocationTest {
  private static final int WARM_UP = 20_000;
  private static final int ROUNDS = 5_000;

  /** Measured: about 900 bytes, most of them the cookie's hash and the Base64 of the answer. */
  private static final long MOST_BYTES = 2_000;

  /** Measured: about 530 bytes, half of them the Base64 of the answer. */
  private static final long MOST_BYTES_ANONYMOUS = 1_000;

  private static ExAppRoute[] routes(int count) {
    return IntStream.range(0, count)
        .mapToObj(it -> userRoute("^/api/v" + it + "/[^/]+/items$"))
        .toArray(ExAppRoute[]::new);
  }

  private static long bytesPerDecision(Gate gate, FakeRequest request) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    gate.repeat(WARM_UP, request);
    var before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    gate.repeat(ROUNDS, request);
    return (threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before) / ROUNDS;
  }

  @Test
  void aKnownSessionAndTwoHundredPatternsAllocateLittle() {
    var gate = gate().withExApp("app", routes(200));
    var request = get("/exapps/app/api/v199/me/items").session("alice");
    assertThat(gate.decide(request)).isForwardedTo("app", "/api/v199/me/items");

    var bytes = bytesPerDecision(gate, request);

    assertThat(bytes).isLessThan(MOST_BYTES);
  }

  @Test
  void twoHundredPatternsAllocateNoMoreThanTwo() {
    var request = get("/exapps/app/api/v1/me/items").session("alice");

    var few = bytesPerDecision(gate().withExApp("app", routes(2)), request);
    var many = bytesPerDecision(gate().withExApp("app", routes(200)), request);

    assertThat(many).isLessThan(few + 200);
  }

  @Test
  void aPublicPathAllocatesNextToNothing() {
    var gate = gate().withExApp("app", Gate.publicRoute("^/public/.*"));
    var request = get("/exapps/app/public/logo.svg");

    assertThat(bytesPerDecision(gate, request)).isLessThan(MOST_BYTES_ANONYMOUS);
  }
}
