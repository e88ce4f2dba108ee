// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.session.Sessions;
import io.github.harp.kubernetes.KubernetesCluster;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import io.github.harp.proxy.nextcloud.NextcloudClient;
import io.github.harp.proxy.nextcloud.TrustedAuthorities;
import io.github.harp.proxy.upstream.HostNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one Nextcloud of a configuration, and how it is asked. */
final class NextcloudAccess {

  private static final Logger LOG = LoggerFactory.getLogger(NextcloudAccess.class);

  private final Optional<NextcloudClient> client;
  private final CachedExAppRecords records;
  private final Instance instance;

  /**
   * @param cluster where ExApps of that Nextcloud may be
   */
  NextcloudAccess(
      Configuration configuration,
      Vertx vertx,
      HostNames names,
      Optional<KubernetesCluster> cluster,
      Bans bans,
      Nodes nodes,
      Ticker ticker) {
    this.client = client(configuration, vertx, names);
    Nextcloud nextcloud =
        client
            .<Nextcloud>map(reachable -> reachable)
            .orElseGet(() -> new UnreachableNextcloud("not a URL"));
    this.records =
        new CachedExAppRecords(cluster.map(it -> it.locating(nextcloud)).orElse(nextcloud), ticker);
    var wanted = configuration.nextcloud();
    this.instance =
        new Instance(
            wanted.url(),
            wanted.key(),
            wanted.folder(),
            nextcloud,
            nodes.share(records),
            new Sessions(nextcloud, configuration.access().sessionLifetime(), ticker),
            new HmacTunnelTokens(wanted.key()),
            bans);
  }

  private static Optional<NextcloudClient> client(
      Configuration configuration, Vertx vertx, HostNames names) {
    try {
      return Optional.of(
          NextcloudClient.with(
              vertx,
              names,
              NextcloudAddress.parse(configuration.nextcloud().url()),
              configuration.nextcloud().key(),
              TrustedAuthorities.ofSystem()));
    } catch (IllegalArgumentException e) {
      LOG.error("NC_INSTANCE_URL: {}; no ExApp can be looked up", e.getMessage());
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
