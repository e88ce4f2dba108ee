// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.testing;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.access.GatekeeperOptions;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A gatekeeper with all that it asks, ready to be tried. */
public final class Gate {
  public static final String KEY = "the-shared-key";
  public static final int BAN_COUNT = 3;
  public static final Duration BAN_WINDOW = Duration.ofMinutes(5);

  public final FakeNextcloud nextcloud = new FakeNextcloud();
  public final ManualTicker ticker = new ManualTicker();
  public final Bans bans = Bans.of(BAN_COUNT, BAN_WINDOW, ticker);
  public final CachedExAppRecords records = new CachedExAppRecords(nextcloud, ticker);
  public final Gatekeeper gatekeeper;

  private Gate(String trustedProxies) {
    nextcloud
        .withSession("alice", new NcUser("alice", AccessLevel.USER))
        .withSession("root", new NcUser("root", AccessLevel.ADMIN))
        .withSession("gone", new NcUser("gone", AccessLevel.PUBLIC));
    var engines = UndialledEngines.numbered(24000);
    gatekeeper =
        new Gatekeeper(
            Instances.only(instance()),
            whose -> engines,
            ClientAddresses.behind(TrustedProxies.parse(trustedProxies)),
            new GatekeeperOptions());
  }

  /** The Nextcloud that is asked. */
  public Instance instance() {
    var key = SharedKey.of(KEY);
    return nextcloud.instance(key, records, new HmacTunnelTokens(key), bans, ticker);
  }

  public static Gate gate() {
    return new Gate("");
  }

  public static Gate gateTrusting(String proxies) {
    return new Gate(proxies);
  }

  public Gate withExApp(String id, ExAppRoute... routes) {
    nextcloud.with(exApp(id, routes));
    return this;
  }

  public static ExApp exApp(String id, ExAppRoute... routes) {
    return new ExApp(
        new AppId(id),
        "2.1.0",
        new ExAppAddress("127.0.0.1", 23000),
        Secret.of("SECRET"),
        RouteTable.of(List.of(routes)));
  }

  public static ExAppRoute publicRoute(String pattern, Integer... counted) {
    return new ExAppRoute(pattern, AccessLevel.PUBLIC, Set.of(counted));
  }

  public static ExAppRoute userRoute(String pattern, Integer... counted) {
    return new ExAppRoute(pattern, AccessLevel.USER, Set.of(counted));
  }

  public static ExAppRoute adminRoute(String pattern) {
    return new ExAppRoute(pattern, AccessLevel.ADMIN, Set.of());
  }

  /** The decision, which must not need a wait. */
  public Verdict decide(FakeRequest request) {
    return gatekeeper.decide(request, Runnable::run).result();
  }

  /** The decision, when it comes. */
  public Future<Verdict> decision(FakeRequest request) {
    return gatekeeper.decide(request, Runnable::run);
  }

  /** An ExApp has answered a request that was forwarded to it. */
  public void answered(FakeRequest request, int status) {
    decide(request)
        .decision()
        .forward()
        .orElseThrow()
        .counted()
        .ifPresent(counted -> counted.answered(status));
  }

  public void repeat(int times, FakeRequest request) {
    for (var i = 0; i < times; i++) {
      decide(request);
    }
  }
}
