// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.OwnPages;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.WrongKeyDelays;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.control.ControlRequest;
import io.github.harp.proxy.forward.Forwarder;
import io.github.harp.proxy.forward.UpstreamRemarks;
import io.github.harp.proxy.forward.pull.RunningPulls;
import io.github.harp.proxy.frontend.Frontend;
import io.github.harp.proxy.frontend.TlsCertificate;
import io.github.harp.proxy.gate.Admission;
import io.github.harp.proxy.gate.Gate;
import io.github.harp.proxy.gate.RunningOrders;
import io.github.harp.proxy.loop.FatalErrors;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A front door whose budget a test may use up. Behind it there are no ExApps, and orders are
 * answered with the length of their body.
 */
final class BudgetedFrontend implements AutoCloseable {

  private final Vertx vertx;
  private final Frontend frontend;
  private final InetSocketAddress address;

  /**
   * @param mostOrderBytes of one order; of all at once it is twice as much
   */
  BudgetedFrontend(int mostOrderBytes) {
    this(mostOrderBytes, TestProxy.options());
  }

  /** The same, with other options. */
  BudgetedFrontend(int mostOrderBytes, HarpProxyOptions.Builder with) {
    var options = with.build();
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
                    new RunningOrders(new Measuring(mostOrderBytes), 2 * mostOrderBytes),
                    new OwnPages(),
                    new Admission(options.limits().requests()),
                    new WrongKeyDelays(),
                    Optional.empty(),
                    loop));
    address = TestProxy.await(frontend.listen(options.listen().get(0)));
  }

  private record Measuring(int mostBytes) implements ControlHandler {
    @Override
    public int maxBodyBytes(String path) {
      return mostBytes;
    }

    @Override
    public Future<ControlAnswer> handle(ControlRequest request) {
      return Future.succeededFuture(ControlAnswer.text(200, request.body().length() + " bytes"));
    }
  }

  InetSocketAddress address() {
    return address;
  }

  /** Another listener, with TLS. */
  InetSocketAddress listenTls(Path certificate) {
    var any = new InetSocketAddress(address.getAddress(), 0);
    return TestProxy.await(frontend.listenTls(any, TlsCertificate.load(certificate)));
  }

  int openConnections() {
    return frontend.openConnections();
  }

  ClientBudget budget() {
    return frontend.budget();
  }

  @Override
  public void close() {
    TestProxy.await(vertx.close());
  }
}
