// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.Nextcloud;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.SeveralInstances.Hosted;
import io.github.harp.core.instance.SharedState;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.session.Sessions;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.dialin.ExAppTunnels;
import io.github.harp.dialin.Party;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.kubernetes.ClusterDirectory;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.CertificateSettings;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.facts.Facts;
import io.github.harp.operations.GatewayView.Served;
import io.github.harp.operations.Way;
import io.github.harp.proxy.control.ControlApi;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import io.github.harp.proxy.nextcloud.NextcloudClient;
import io.github.harp.proxy.nextcloud.TrustedAuthorities;
import io.github.harp.proxy.upstream.DirectUpstreams;
import io.github.harp.proxy.upstream.LocalEngines;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Nextcloud of a gateway, with all that is its own.
 *
 * @param client empty where its URL is none
 * @param shared with other nodes
 * @param records of this node
 * @param workplace where its ExApps run
 * @param upstreams how they are reached
 * @param orders takes what its AppAPI orders
 */
record ServedNextcloud(
    Configuration.Nextcloud wanted,
    Optional<NextcloudClient> client,
    SharedState shared,
    CachedExAppRecords records,
    Instance instance,
    ExAppTunnels tunnels,
    Workplace workplace,
    Upstreams upstreams,
    ControlHandler orders) {

  private static final Logger LOG = LoggerFactory.getLogger(ServedNextcloud.class);

  /** Serves it from now on, once somebody asks for it. Blocks. */
  static ServedNextcloud begin(
      Configuration.Nextcloud wanted, Bans bans, Ground ground, TunnelEntrance entrance) {
    var directory =
        wanted
            .places()
            .cluster()
            .map(
                it ->
                    new ClusterDirectory(
                        it,
                        wanted.name().containers(),
                        ground.vertx(),
                        ground.observation().tracing()));
    var client = client(wanted, ground);
    var nextcloud = client.<Nextcloud>map(it -> it).orElseGet(() -> unreachable(wanted));
    var shared = ground.sharedOf(wanted);
    var records =
        new CachedExAppRecords(
            directory.map(it -> it.locating(nextcloud)).orElse(nextcloud), ground.ticker());
    var instance =
        new Instance(
            wanted.name(),
            wanted.key(),
            wanted.folder(),
            nextcloud,
            shared.share(records),
            new Sessions(
                nextcloud, ground.configuration().access().sessionLifetime(), ground.ticker()),
            new HmacTunnelTokens(wanted.key()),
            wanted.name().isFirst() ? bans : shared.share(bans));
    var tunnels =
        entrance.admit(
            new Party(
                instance,
                new LocalEngines(
                    wanted.places().engines(), ground.names(), ground.connectTimeout()),
                shared.neighbours(),
                ground.configuration().certificates().tunnelPorts(wanted.name()),
                ground.configuration().certificates().withdrawnPasses(wanted.name())));
    var workplace =
        Workplace.of(wanted, tunnels, entrance.files(), directory, shared.locks(), ground);
    tunnels.deliverTo(workplace.runtimes());
    return new ServedNextcloud(
        wanted,
        client,
        shared,
        records,
        instance,
        tunnels,
        workplace,
        tunnels.upstreams(
            new DirectUpstreams(
                ground.names(), ground.connectTimeout(), ground.configuration().ownListeners())),
        ControlApi.builder()
            .runtimes(workplace.runtimes(), workplace.credentials())
            .mounts(wanted.mounts())
            .namespace(wanted.places().namespace())
            .version(Version.number())
            .build());
  }

  private static String urlSetting(Configuration.Nextcloud wanted) {
    return wanted.name().setting("NC_INSTANCE_URL", "url");
  }

  private static Optional<NextcloudClient> client(Configuration.Nextcloud wanted, Ground ground) {
    var setting = urlSetting(wanted);
    try {
      return Optional.of(
          NextcloudClient.with(
                  ground.vertx(),
                  ground.names(),
                  NextcloudAddress.parse(wanted.url(), setting),
                  wanted.key(),
                  TrustedAuthorities.ofSystem())
              .followedBy(ground.observation().tracing()));
    } catch (IllegalArgumentException e) {
      LOG.error("{}: {}; no ExApp can be looked up", setting, e.getMessage());
      return Optional.empty();
    }
  }

  private static Nextcloud unreachable(Configuration.Nextcloud wanted) {
    return new UnreachableNextcloud(urlSetting(wanted), "not a URL");
  }

  /**
   * The same one, by whatever hosts it is asked for now.
   *
   * @param now what it is to be, but for its hosts
   */
  ServedNextcloud as(Configuration.Nextcloud now) {
    return new ServedNextcloud(
        now, client, shared, records, instance, tunnels, workplace, upstreams, orders);
  }

  /** By what it is asked for: where nobody has said so of the first, by all that is no other's. */
  Hosted hosted() {
    var isDefault = wanted.name().isFirst() && wanted.hosts().isEmpty();
    return new Hosted(instance, wanted.hosts(), isDefault);
  }

  /** For those who look after it. */
  Served view(CertificateSettings certificates) {
    return new Served(
        Facts.of(wanted, certificates),
        instance,
        tunnels.engines(),
        workplace.runtimes(),
        exApp -> Way.of(tunnels.tunnels(), exApp));
  }

  /** Ends what it has at engines, and asks it nothing more. Blocks. */
  void close() {
    workplace.close();
    client.ifPresent(NextcloudClient::close);
  }
}
