// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.SharedState;
import io.github.harp.core.runtime.orders.OrderObserver;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.nodes.Nodes;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * What all Nextclouds of a gateway stand on.
 *
 * @param configuration as it was at the start
 * @param bans of the first, of which others have some in common with it
 */
record Ground(
    Configuration configuration,
    Vertx vertx,
    Ticker ticker,
    DnsHostNames names,
    Observation observation,
    Nodes nodes,
    Bans bans) {

  static Ground of(Configuration configuration, Vertx vertx) {
    var ticker = Ticker.systemTicker();
    var access = configuration.access();
    var nodes = Nodes.of(configuration, vertx);
    return new Ground(
        configuration,
        vertx,
        ticker,
        new DnsHostNames(loops(vertx)),
        Observation.begin(configuration, Clock.systemUTC(), ticker),
        nodes,
        nodes.first().share(Bans.of(access.banCount(), access.banWindow(), ticker)));
  }

  /** Where connections live, and timers. */
  EventLoopGroup loops() {
    return loops(vertx);
  }

  private static EventLoopGroup loops(Vertx vertx) {
    return ((VertxInternal) vertx).nettyEventLoopGroup();
  }

  /** Those of another Nextcloud, or of nobody. */
  Bans bansOf(InstanceName name) {
    var access = configuration.access();
    return bans.beside(name, access.banCount(), access.banWindow(), ticker);
  }

  /** What nodes share of one of them. */
  SharedState sharedOf(Configuration.Nextcloud whose) {
    return whose.name().isFirst() ? nodes.first() : nodes.beside(whose.name(), whose.key());
  }

  /** How long a connection to an ExApp or engine may take. */
  Duration connectTimeout() {
    return configuration.http().timeouts().upstream().connect();
  }

  /** Is told of a Nextcloud's orders. */
  OrderObserver ordersOf(InstanceName whose) {
    return observation.ofOrders(
        configuration.several() ? Optional.of(whose.text()) : Optional.empty());
  }

  /** Off the event loops. */
  Future<Void> blocking(Runnable task) {
    return vertx.executeBlocking(
        () -> {
          task.run();
          return null;
        },
        false);
  }

  Future<Void> close() {
    return nodes
        .stop()
        .onComplete(done -> names.close())
        .transform(done -> blocking(observation::close));
  }
}
