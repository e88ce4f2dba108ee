// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.core.session.Sessions;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.core.upstream.Engines;
import io.github.harp.operations.GatewayView.Served;
import io.github.harp.proxy.upstream.LocalEngine;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Nextclouds of a gateway, as those see them who look after it. */
public final class TestNextclouds {

  public static final String KEY = "the-key-of-the-test";
  public static final Path TUNNEL_PORTS = Path.of("/certs/tunnel-ports");

  private TestNextclouds() {}

  public static GatewayFacts.Nextcloud at(String url) {
    return named(InstanceName.FIRST, url, MountRules.none());
  }

  public static GatewayFacts.Nextcloud named(InstanceName name, String url, MountRules mounts) {
    return new GatewayFacts.Nextcloud(
        name, url, "", SharedKey.of(KEY), Map.of(), mounts, TUNNEL_PORTS);
  }

  public static GatewayFacts.Nextcloud with(
      Map<EngineNumber, LocalEngine> engines, MountRules mounts) {
    return new GatewayFacts.Nextcloud(
        InstanceName.FIRST, "", "", SharedKey.of(KEY), engines, mounts, TUNNEL_PORTS);
  }

  public static Served served(
      GatewayFacts.Nextcloud facts, Engines engines, ExAppRuntimes runtimes) {
    return new Served(facts, instance(facts), engines, runtimes, exApp -> Way.DIRECT);
  }

  /** One that has been asked for these. */
  public static Served served(List<ExApp> exApps, Way way) {
    var facts = at("");
    var instance = instance(facts);
    exApps.forEach(instance.records()::put);
    return new Served(
        facts, instance, UndialledEngines.numbered(), ExAppRuntimes.none(), exApp -> way);
  }

  private static Instance instance(GatewayFacts.Nextcloud facts) {
    var time = Ticker.systemTicker();
    var nextcloud = new FakeNextcloud();
    return new Instance(
        facts.name(),
        facts.key(),
        facts.folder(),
        nextcloud,
        new CachedExAppRecords(nextcloud, time),
        new Sessions(nextcloud, Instance.SESSION_LIFETIME, time),
        new HmacTunnelTokens(facts.key()),
        Bans.of(time));
  }
}
