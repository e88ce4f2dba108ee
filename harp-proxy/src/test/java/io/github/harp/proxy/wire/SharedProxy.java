// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.HostName;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.SeveralInstances;
import io.github.harp.core.instance.SeveralInstances.Hosted;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.HarpProxyOptions;
import java.util.List;
import java.util.Set;

/** A proxy that several Nextclouds share, each with an ExApp {@code app} that is for everybody. */
final class SharedProxy {

  private SharedProxy() {}

  static SeveralInstances several(Hosted... hosted) {
    var time = Ticker.systemTicker();
    return new SeveralInstances(List.of(hosted), Bans.of(time), time);
  }

  static HarpProxy serving(SeveralInstances instances) {
    return serving(instances, TestProxy.options().build());
  }

  static HarpProxy serving(SeveralInstances instances, HarpProxyOptions options) {
    var gatekeeper = new Gatekeeper(instances, ClientAddresses.behind(TrustedProxies.none()));
    var shared = HarpProxy.builder(gatekeeper).options(options).build();
    TestProxy.await(shared.start());
    return shared;
  }

  static Instance nextcloud(String name, ScriptedServer exApp) {
    var time = Ticker.systemTicker();
    var key = SharedKey.of("the key of " + name);
    var instance = Instance.of(key, new FakeNextcloud(), Bans.of(time), time);
    var routes = RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.PUBLIC, Set.of())));
    var address = new ExAppAddress("127.0.0.1", exApp.port());
    instance.records().put(new ExApp(new AppId("app"), "1", address, Secret.of("s"), routes));
    return instance;
  }

  static Hosted askedForAs(String host, Instance instance) {
    return new Hosted(instance, Set.of(new HostName(host)), false);
  }
}
