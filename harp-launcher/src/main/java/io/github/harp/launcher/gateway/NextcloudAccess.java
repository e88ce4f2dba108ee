// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import io.github.harp.core.InstanceName;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.session.Sessions;
import io.github.harp.kubernetes.KubernetesCluster;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.Configuration.Other;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import io.github.harp.proxy.nextcloud.NextcloudClient;
import io.github.harp.proxy.nextcloud.TrustedAuthorities;
import io.github.harp.proxy.upstream.HostNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Nextcloud of a configuration, and how it is asked. */
final class NextcloudAccess {

  private static final Logger LOG = LoggerFactory.getLogger(NextcloudAccess.class);
  private static final String URL = "NC_INSTANCE_URL";

  private final Optional<NextcloudClient> client;
  private final CachedExAppRecords records;
  private final Instance instance;

  /**
   * @param setting where its URL is from
   * @param shared what other nodes know, too
   * @param located where ExApps of that Nextcloud may be found better than it says
   */
  private NextcloudAccess(
      InstanceName name,
      String setting,
      Configuration.Nextcloud wanted,
      Optional<NextcloudClient> client,
      UnaryOperator<Nextcloud> located,
      UnaryOperator<ExAppRecords> shared,
      Duration sessionLifetime,
      Bans bans,
      Ticker ticker) {
    this.client = client;
    Nextcloud nextcloud =
        client
            .<Nextcloud>map(reachable -> reachable)
            .orElseGet(() -> new UnreachableNextcloud(setting, "not a URL"));
    this.records = new CachedExAppRecords(located.apply(nextcloud), ticker);
    this.instance =
        new Instance(
            name,
            wanted.key(),
            wanted.folder(),
            nextcloud,
            shared.apply(records),
            new Sessions(nextcloud, sessionLifetime, ticker),
            new HmacTunnelTokens(wanted.key()),
            bans);
  }

  /** That of the variables. */
  static NextcloudAccess of(
      Configuration configuration,
      Vertx vertx,
      HostNames names,
      Optional<KubernetesCluster> cluster,
      Bans bans,
      Nodes nodes,
      Ticker ticker) {
    return new NextcloudAccess(
        InstanceName.FIRST,
        URL,
        configuration.nextcloud(),
        client(URL, configuration.nextcloud(), vertx, names),
        nextcloud -> cluster.map(it -> it.locating(nextcloud)).orElse(nextcloud),
        nodes::share,
        configuration.access().sessionLifetime(),
        bans,
        ticker);
  }

  /** Another one. */
  static NextcloudAccess of(
      Other other,
      Configuration.Access access,
      Vertx vertx,
      HostNames names,
      Bans bans,
      Ticker ticker) {
    var setting = "HP_INSTANCES_FILE instance " + other.name() + " url";
    return new NextcloudAccess(
        other.name(),
        setting,
        other.nextcloud(),
        client(setting, other.nextcloud(), vertx, names),
        UnaryOperator.identity(),
        records -> records,
        access.sessionLifetime(),
        bans.beside(other.name(), access.banCount(), access.banWindow(), ticker),
        ticker);
  }

  private static Optional<NextcloudClient> client(
      String setting, Configuration.Nextcloud wanted, Vertx vertx, HostNames names) {
    try {
      return Optional.of(
          NextcloudClient.with(
              vertx,
              names,
              NextcloudAddress.parse(wanted.url()),
              wanted.key(),
              TrustedAuthorities.ofSystem()));
    } catch (IllegalArgumentException e) {
      LOG.error("{}: {}; no ExApp can be looked up", setting, e.getMessage());
      return Optional.empty();
    }
  }

  Instance instance() {
    return instance;
  }

  /** How often records were known, and how often Nextcloud had to be asked. */
  CacheStats recordStats() {
    return records.stats();
  }

  Future<Void> close() {
    return client.map(NextcloudClient::close).orElse(Future.succeededFuture());
  }
}
