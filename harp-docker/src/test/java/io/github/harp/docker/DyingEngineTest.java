// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.PullResponseItem;
import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.docker.testing.EventLoops;
import io.github.harp.docker.testing.OneEngine;
import io.github.harp.docker.testing.PrivateDocker;
import io.github.harp.docker.testing.SocketUpstream;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineAddress;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Docker engine that is killed while it works for us: the order ends, and the next one works. */
@Timeout(120)
class DyingEngineTest {

  @RegisterExtension static final EventLoops LOOPS = new EventLoops();

  private static final ExAppName DEMO = new ExAppName(new AppId("demo"));
  private static final String IMAGE = "harp-test/slow:1";

  private static PrivateDocker docker;

  private SocketUpstream upstream;
  private DockerRuntimes runtimes;

  @BeforeAll
  static void startDocker() throws Exception {
    docker = PrivateDocker.start(IMAGE);
  }

  @AfterAll
  static void stopDocker() throws Exception {
    if (docker != null) {
      docker.close();
    }
  }

  @BeforeEach
  void connect() throws Exception {
    docker.revive();
    upstream = SocketUpstream.unix(docker.socket());
    runtimes =
        new DockerRuntimes(
            new OneEngine(upstream), LOOPS.group(), List::of, order -> {}, OrderLocks.NONE);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    get(runtime().remove(DEMO, true));
    runtimes.close();
    await().until(() -> upstream.openConnections() == 0);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("docker-java-stream")));
  }

  @Test
  void killedWhileItCreates() throws Exception {
    docker.freeze();
    var order = runtime().create(spec());
    await().until(() -> upstream.openConnections() > 0);

    docker.kill();

    assertEnds(order);
    docker.start();
    assertThat(get(runtime().create(spec())).id()).isNotEmpty();
  }

  @Test
  void killedWhileItStops() throws Exception {
    get(runtime().create(spec()));
    get(runtime().start(DEMO));
    // Its process ignores the signal, so the engine waits ten seconds.
    var order = runtime().stop(DEMO);
    await().until(() -> upstream.openConnections() > 0);

    docker.kill();

    assertEnds(order);
    docker.start();
    get(runtime().remove(DEMO, false));
    assertThat(get(runtime().find(DEMO))).isEmpty();
  }

  @Test
  void killedWhileItRunsACommandForUs() throws Exception {
    get(runtime().create(spec()));
    var order =
        runtime()
            .installCertificates(
                DEMO, new CertificateInstallation(Optional.of(ONE_CERTIFICATE), false));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> docker.cli().run("top", DEMO.container()).contains("update-ca"));

    docker.kill();

    assertEnds(order);
    docker.start();
    get(runtime().remove(DEMO, true));
    assertThat(get(runtime().create(spec())).id()).isNotEmpty();
  }

  @Test
  void killedWhileSomebodyWaitsForAStart() throws Exception {
    get(runtime().create(spec()));
    var order = runtime().awaitStart(DEMO);
    await().until(() -> upstream.openConnections() > 0);

    docker.kill();

    assertEnds(order);
    docker.start();
    assertThat(get(runtime().find(DEMO))).isPresent();
  }

  @Test
  void killedWhileItPulls() throws Exception {
    try (var engine =
        new Engine(
            new EngineAddress("engine 24000", upstream, LOOPS.group(), Tracing.NONE),
            Duration.ofSeconds(60),
            Deadline.in(Duration.ofSeconds(60), Ticker.systemTicker()),
            OrderLocks.Held.UNCONTESTED)) {
      var pull =
          engine
              .docker()
              .pullImageCmd(PrivateDocker.SILENT_REGISTRY + "/demo")
              .withTag("1")
              .exec(new ResultCallback.Adapter<PullResponseItem>());
      await().until(() -> upstream.openConnections() > 0);

      docker.kill();

      assertThatExceptionOfType(HarpException.class).isThrownBy(pull::awaitCompletion);
    }
    docker.start();
  }

  @Test
  void afterItIsGoneAndBeforeItIsBack() throws Exception {
    docker.kill();

    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> get(runtime().find(DEMO)))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(UNREACHABLE));

    docker.start();
    assertThat(get(runtime().find(DEMO))).isEmpty();
  }

  private static void assertEnds(Future<?> order) {
    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> order.await(30, TimeUnit.SECONDS))
        .satisfies(failure -> assertThat(failure.code()).isIn(FAILED, UNREACHABLE))
        .withMessageContaining("engine 24000");
  }

  private ExAppRuntime runtime() {
    return runtimes.at(Place.engine(EngineNumber.FIRST));
  }

  private static ExAppSpec spec() {
    return new ExAppSpec(
        DEMO,
        IMAGE,
        ContainerEnvironment.of(),
        ComputeDevice.CPU,
        ResourceLimits.NONE,
        new EngineOptions("none", "no", List.of()));
  }

  private static <T> T get(Future<T> order) throws Exception {
    return order.await(60, TimeUnit.SECONDS);
  }

  private static final String ONE_CERTIFICATE =
      "-----BEGIN CERTIFICATE-----\nMQ==\n-----END CERTIFICATE-----\n";
}
