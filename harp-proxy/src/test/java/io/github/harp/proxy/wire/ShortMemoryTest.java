// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.proxy.OwnPages;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.WrongKeyDelays;
import io.github.harp.proxy.budget.Budget;
import io.github.harp.proxy.budget.BudgetLimit;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.control.ControlRequest;
import io.github.harp.proxy.forward.Forwarder;
import io.github.harp.proxy.forward.UpstreamRemarks;
import io.github.harp.proxy.forward.pull.RunningPulls;
import io.github.harp.proxy.frontend.Frontend;
import io.github.harp.proxy.gate.Admission;
import io.github.harp.proxy.gate.Gate;
import io.github.harp.proxy.gate.RunningOrders;
import io.github.harp.proxy.loop.FatalErrors;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** S1: what is refused while memory is short, and to whom. */
class ShortMemoryTest {

  private static final String LARGE = "X-Large: " + "x".repeat(8 * 1024) + "\r\n";
  private static final String KEYED = "HARP-SHARED-KEY: " + TestProxy.KEY + "\r\n";

  private Vertx vertx;
  private Frontend frontend;
  private InetSocketAddress address;

  @BeforeEach
  void start() {
    var options = TestProxy.options().build();
    vertx = options.transport().start();
    var gatekeeper =
        new Gatekeeper(
            Instances.only(
                Instance.of(
                    SharedKey.of(TestProxy.KEY),
                    new FakeNextcloud(),
                    Bans.of(Ticker.systemTicker()),
                    Ticker.systemTicker())),
            ClientAddresses.behind(TrustedProxies.none()));
    frontend =
        new Frontend(
            options,
            ((VertxInternal) vertx).nettyEventLoopGroup(),
            RequestObserver.none(),
            new FatalErrors(error -> {}),
            loop ->
                new Gate(
                    gatekeeper,
                    new Forwarder(
                        whose -> exApp -> Future.failedFuture("none"),
                        options,
                        new UpstreamRemarks(),
                        new AtomicInteger(),
                        new RunningPulls(Ticker.systemTicker()),
                        loop),
                    new RunningOrders(new Obedient(), 1_000),
                    new OwnPages(),
                    new Admission(options.limits().requests()),
                    new WrongKeyDelays(),
                    Optional.empty(),
                    loop));
    address = TestProxy.await(frontend.listen(options.listen().get(0)));
  }

  private static final class Obedient implements ControlHandler {
    @Override
    public int maxBodyBytes(String path) {
      return 500;
    }

    @Override
    public Future<ControlAnswer> handle(ControlRequest request) {
      return Future.succeededFuture(ControlAnswer.text(200, "done"));
    }
  }

  @AfterEach
  void stop() {
    TestProxy.await(vertx.close());
  }

  private RawConnection.Message ask(String path, String headers) throws Exception {
    try (var client = RawConnection.to(address)) {
      client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n");
      return client.readResponse();
    }
  }

  @DisplayName("S1: once memory is exhausted new requests are 503, but for callers with the key")
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsBegunThatCouldNotBeEnded(boolean ofBuffers) throws Exception {
    Function<ClientBudget, Budget> budget =
        ofBuffers ? ClientBudget::buffers : ClientBudget::requests;
    var exhausted = budget.apply(frontend.budget());
    long most = 2 * BudgetLimit.of(exhausted);
    exhausted.add(most);

    var refused = ask("/exapps/none/x", "");
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.head().get("retry-after")).isNotNull();
    assertThat(ask("/exapps/app_api/info", KEYED).text()).isEqualTo("done");

    exhausted.add(-most);
    assertThat(ask("/exapps/none/x", "").status()).isEqualTo(404);
  }

  @Test
  @DisplayName("S1: while heads take too much, requests with a large one are 503")
  void largeHeadsAreRefusedFirst() throws Exception {
    var heads = frontend.budget().requests();
    heads.add(BudgetLimit.of(heads));

    assertThat(ask("/exapps/none/x", LARGE).status()).isEqualTo(503);
    assertThat(ask("/exapps/none/x", "").status()).isEqualTo(404);
    assertThat(ask("/exapps/app_api/info", KEYED + LARGE).text()).isEqualTo("done");
  }

  @Test
  @DisplayName(
      "S1: while memory is short half a head does not wait for its rest, unless it is small")
  void halfAHeadIsRefused() throws Exception {
    var buffers = frontend.budget().buffers();
    buffers.add(BudgetLimit.of(buffers));
    try (var large = RawConnection.to(address);
        var small = RawConnection.to(address)) {
      small.send("GET /exapps/none/x HTTP/1.1\r\nHost: h\r\nX-Small: x");
      large.send("GET /exapps/none/x HTTP/1.1\r\nHost: h\r\n" + LARGE);

      assertThat(large.readResponse().status()).isEqualTo(503);
      assertThat(large.readToEnd()).isEmpty();
      small.send("\r\n\r\n");
      assertThat(small.readResponse().status()).isEqualTo(404);
    }
  }

  @DisplayName("S1: while memory is short half a frame or header block of HTTP/2 does not wait")
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void halfAFrameIsCutOff(boolean ofBlock) throws Exception {
    var buffers = frontend.budget().buffers();
    buffers.add(BudgetLimit.of(buffers));
    var payload = new byte[8 * 1024];
    // HEADERS of stream 1: whole without END_HEADERS, or with a payload that is longer than what
    // comes.
    var length = ofBlock ? payload.length : payload.length + 1;
    var header =
        new byte[] {(byte) (length >> 16), (byte) (length >> 8), (byte) length, 1, 0, 0, 0, 0, 1};
    try (var client = RawConnection.to(address)) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      client.send(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
      client.send(header);
      client.send(payload);

      client.readToEnd();
      // At once, rather than as one of those that stood still for too long.
      assertThat(frontend.budget().shed()).isZero();
    }
  }

  @Test
  @DisplayName("S1: the bodies of all orders of a Nextcloud have a limit")
  void bodiesOfOrdersShareALimit() throws Exception {
    var order =
        "POST /exapps/app_api/x HTTP/1.1\r\nHost: h\r\n" + KEYED + "Content-Length: 300\r\n\r\n";
    try (var first = RawConnection.to(address);
        var second = RawConnection.to(address)) {
      first.send(order + "x".repeat(299));
      await().until(() -> refused(order));

      first.send("x");
      assertThat(first.readResponse().text()).isEqualTo("done");
      second.send(order + "x".repeat(299));
      await().until(() -> refused(order));
      second.reset();
      await().until(() -> !refused(order));
    }
  }

  private boolean refused(String order) throws Exception {
    try (var client = RawConnection.to(address)) {
      client.send(order + "x".repeat(300));
      return client.readResponse().status() == 503;
    }
  }
}
