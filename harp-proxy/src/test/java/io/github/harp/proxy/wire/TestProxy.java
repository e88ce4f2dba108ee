// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.Secret;
import io.github.harp.core.access.BanAnswer;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.access.GatekeeperOptions;
import io.github.harp.core.access.WrongKeys;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.SeldomNotices;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.upstream.Engines;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.HarpProxyOptions.Limits;
import io.github.harp.proxy.RequestRecord;
import io.github.harp.proxy.transport.TransportChoice;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A proxy with the real gatekeeper and a Nextcloud that knows the ExApps of the test: all of them
 * PUBLIC. Its records are there to be looked at.
 */
public final class TestProxy implements AutoCloseable {

  public static final String KEY = "a-shared-key-of-the-tests";

  private final Map<String, ExApp> exApps = new ConcurrentHashMap<>();
  private final BlockingQueue<RequestRecord> records = new LinkedBlockingQueue<>();
  private final Instance instance;
  private final HarpProxy proxy;
  private volatile boolean answersLater;
  private volatile Nextcloud instead;

  private TestProxy(
      UnaryOperator<HarpProxy.Builder> more,
      Engines engines,
      TrustedProxies trusted,
      HarpProxyOptions.Builder options) {
    Nextcloud nextcloud =
        new Nextcloud() {
          @Override
          public Future<Optional<ExApp>> exApp(AppId appId) {
            if (instead != null) {
              return instead.exApp(appId);
            }
            var answer = Future.succeededFuture(Optional.ofNullable(exApps.get(appId.text())));
            return answersLater ? onAnotherThread(answer) : answer;
          }

          @Override
          public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
            if (instead != null) {
              return instead.user(appId, request);
            }
            return Future.succeededFuture(Optional.of(NcUser.ANONYMOUS));
          }
        };
    var ticker = Ticker.systemTicker();
    var bans = Bans.of(10_000, Duration.ofMinutes(5), ticker);
    this.instance = Instance.of(SharedKey.of(KEY), nextcloud, bans, ticker);
    var gatekeeper =
        new Gatekeeper(
            Instances.only(instance),
            whose -> engines,
            ClientAddresses.behind(trusted),
            new GatekeeperOptions(
                WrongKeys.ignored(),
                BanAnswer.BROWSER,
                new SeldomNotices(ticker),
                /* ownPages= */ true));
    this.proxy =
        more.apply(HarpProxy.builder(gatekeeper).options(options.build()).observer(records::add))
            .build();
    await(proxy.start());
  }

  /** Options with a free port on loopback; all transports in turn with -Dharp.test.transport. */
  public static HarpProxyOptions.Builder options() {
    return HarpProxyOptions.builder()
        .transport(TransportChoice.valueOf(System.getProperty("harp.test.transport", "AUTO")))
        .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /** The product's limits, but for what follows a failed connect. */
  public static Limits retrying(int most, Duration delay) {
    var product = new Limits();
    return new Limits(
        product.connections(),
        product.headBytes(),
        product.streamsPerConnection(),
        product.requests(),
        new Limits.Retries(most, delay));
  }

  public static TestProxy start() {
    return start(options());
  }

  public static TestProxy start(HarpProxyOptions.Builder options) {
    return start(options, builder -> builder);
  }

  public static TestProxy start(
      HarpProxyOptions.Builder options, UnaryOperator<HarpProxy.Builder> more) {
    return start(options, Engines.of(Map.of()), more);
  }

  public static TestProxy start(
      HarpProxyOptions.Builder options, Engines engines, UnaryOperator<HarpProxy.Builder> more) {
    return new TestProxy(more, engines, TrustedProxies.none(), options);
  }

  /** One for which the clients of the test are trusted proxies. */
  public static TestProxy startBehindProxy() {
    return new TestProxy(
        builder -> builder, Engines.of(Map.of()), TrustedProxies.parse("127.0.0.1"), options());
  }

  public TestProxy with(String appId, String host, int port) {
    var routes = RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.PUBLIC, Set.of())));
    exApps.put(
        appId,
        new ExApp(
            new AppId(appId),
            "1.2.3",
            new ExAppAddress(host, port),
            Secret.of("app-secret"),
            routes));
    return this;
  }

  /** What AppAPI does when it disables an ExApp; Nextcloud still knows it. */
  public void takeOutOfService(String appId) {
    instance.records().remove(new AppId(appId));
  }

  /** Nextcloud's answers come from a thread of their own from now on. */
  public TestProxy answeringLater() {
    answersLater = true;
    return this;
  }

  /** Another Nextcloud is asked from now on. */
  public TestProxy asking(Nextcloud other) {
    instead = other;
    return this;
  }

  private static <T> Future<T> onAnotherThread(Future<T> answer) {
    return Future.future(promise -> new Thread(() -> answer.onComplete(promise)).start());
  }

  /** The server as the ExApp {@code app}. */
  public TestProxy with(ScriptedServer server) {
    return with("app", "127.0.0.1", server.port());
  }

  public HarpProxy proxy() {
    return proxy;
  }

  public InetSocketAddress address() {
    return proxy.addresses().get(0);
  }

  public RawConnection connect() throws Exception {
    return RawConnection.to(address());
  }

  /** The record of the next request that has ended. */
  public RequestRecord nextRecord() throws InterruptedException {
    var record = records.poll(30, TimeUnit.SECONDS);
    if (record == null) {
      throw new AssertionError("no request has ended");
    }
    return record;
  }

  public void forgetRecords() {
    records.clear();
  }

  public static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() throws Exception {
    await(proxy.stop(Duration.ZERO));
  }
}
