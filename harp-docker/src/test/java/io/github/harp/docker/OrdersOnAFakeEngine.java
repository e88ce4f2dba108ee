// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.OrderRecord;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.core.runtime.orders.OrderTimes.Limit;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.core.testing.LosableLocks;
import io.github.harp.docker.testing.EventLoops;
import io.github.harp.docker.testing.FakeEngine;
import io.github.harp.docker.testing.FakeEngine.Reply;
import io.github.harp.docker.testing.OneEngine;
import io.github.harp.docker.testing.SocketUpstream;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An engine that answers what a test says, and 404 to anything else. */
@Timeout(120)
abstract class OrdersOnAFakeEngine {

  @RegisterExtension static final EventLoops LOOPS = new EventLoops();

  static final ExAppName DEMO = new ExAppName(new AppId("demo"));
  static final String CONTAINER = "/containers/nc_app_demo";

  /** For tests that wait for a limit; all others have more time than they need. */
  static final String UNTIL_A_LIMIT = "until-a-limit";

  /** A call may take 4 s, a container 3 s to become ready. */
  private static final OrderTimes SHORT =
      times(limit(4, 4), limit(4, 10), limit(4, 20), Duration.ofSeconds(3));

  private static final OrderTimes LONG =
      times(limit(60, 60), limit(60, 60), limit(60, 60), Duration.ofSeconds(60));

  final Map<String, Reply> answers = new ConcurrentHashMap<>();
  final OneEngine engines = new OneEngine(null);
  final List<OrderRecord> finished = new CopyOnWriteArrayList<>();
  private final AtomicBoolean lockLost = new AtomicBoolean();
  FakeEngine engine;
  DockerRuntimes runtimes;
  private SocketUpstream upstream;

  private static OrderTimes times(Limit one, Limit several, Limit many, Duration ready) {
    return new OrderTimes(
        one,
        several,
        one,
        many,
        several,
        several,
        many,
        ready,
        Duration.ofMinutes(1),
        Duration.ofSeconds(10));
  }

  private static Limit limit(int perCallSeconds, int totalSeconds) {
    return Limit.seconds(perCallSeconds, totalSeconds);
  }

  @BeforeEach
  void start(TestInfo test) throws IOException {
    engine =
        new FakeEngine(
            request -> answers.getOrDefault(request.call(), Reply.no(404, "page not found")));
    upstream = engine.upstream();
    engines.reconnect(upstream);
    runtimes =
        new DockerRuntimes(
            engines,
            LOOPS.group(),
            this::tunnelFiles,
            times(test),
            finished::add,
            new LosableLocks(lockLost::get));
  }

  @AfterEach
  void stop() {
    runtimes.close();
    await().until(() -> upstream.openConnections() == 0);
    engine.close();
  }

  private static OrderTimes times(TestInfo test) {
    return test.getTags().contains(UNTIL_A_LIMIT) ? SHORT : LONG;
  }

  List<TunnelFile> tunnelFiles() {
    return List.of(
        new TunnelFile("ca.crt", "ca".getBytes(StandardCharsets.UTF_8), false),
        new TunnelFile("client.key", "key".getBytes(StandardCharsets.UTF_8), true));
  }

  ExAppRuntime runtime() {
    return runtimes.at(Place.engine(EngineNumber.FIRST));
  }

  void answer(String call, Reply reply) {
    answers.put(call, reply);
  }

  /** Only now does this come, and by then another node may have the lock. */
  Reply whenTheLockIsGone(Reply reply) {
    return out -> {
      lockLost.set(true);
      reply.to(out);
    };
  }

  FakeEngine.Request requestOf(String call) {
    return engine.requests().stream()
        .filter(request -> request.call().equals(call))
        .findFirst()
        .orElseThrow();
  }

  static <T> T get(Future<T> order) throws Exception {
    return order.await(30, TimeUnit.SECONDS);
  }

  static void assertFails(Future<?> order, HarpException.Code code, String... words) {
    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> get(order))
        .satisfies(
            failure -> {
              assertThat(failure.code()).isEqualTo(code);
              assertThat(List.of(words)).allMatch(failure.getMessage()::contains);
            });
  }
}
