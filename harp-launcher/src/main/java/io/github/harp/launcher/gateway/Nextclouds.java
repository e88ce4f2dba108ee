// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import com.github.benmanes.caffeine.cache.stats.CacheStats;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.instance.SeveralInstances;
import io.github.harp.core.instance.SeveralInstances.Hosted;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.control.ControlRequest;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Nextclouds that a gateway serves now, the one of the variables first. Thread-safe. */
final class Nextclouds {

  private static final Logger PROGRESS = LoggerFactory.getLogger(LogOutput.PROGRESS);

  private final Ground ground;
  private final TunnelEntrance entrance;

  /** Of this node, kept for one that comes again: whoever is banned is banned then, too. */
  private final Map<InstanceName, Bans> bans = new ConcurrentHashMap<>();

  private final Instances instances;
  private final Optional<SeveralInstances> several;
  private volatile Map<Instance, ServedNextcloud> served = Map.of();

  /** Whether this node has joined others; those of which it is one of several are shared then. */
  private boolean joined;

  /** Serves those of the configuration. Blocks. */
  Nextclouds(Ground ground, TunnelEntrance entrance) {
    this.ground = ground;
    this.entrance = entrance;
    var configuration = ground.configuration();
    bans.put(InstanceName.FIRST, ground.bans());
    ground.observation().watch(ground.bans().all());
    take(configuration.nextclouds());
    this.several =
        configuration.several()
            ? Optional.of(
                new SeveralInstances(hosted(), bansOf(InstanceName.NOBODY), ground.ticker()))
            : Optional.empty();
    this.instances =
        several.<Instances>map(it -> it).orElseGet(() -> Instances.only(first().instance()));
  }

  /**
   * Serves these from now on, and nobody else. One whose URL, key or places are others now begins
   * anew: its tunnels and streams end. Blocks.
   */
  synchronized void serve(List<Configuration.Nextcloud> wanted) {
    var ended = new ArrayList<ServedNextcloud>();
    for (var one : served.values()) {
      if (wanted.stream().noneMatch(one.wanted()::isAs)) {
        PROGRESS.info("Nextcloud {}: ends", one.instance());
        entrance.dismiss(one.tunnels());
        ended.add(one);
      }
    }
    var before = List.copyOf(served.values());
    take(wanted);
    if (joined) {
      awaitCaughtUp(served.values().stream().filter(one -> !isOneOf(before, one)).toList());
    }
    several.ifPresent(it -> it.serve(hosted()));
    served.keySet().forEach(each -> each.tokens().ready());
    ended.forEach(ServedNextcloud::close);
    leave(ended);
  }

  /** Shares what is known of them with other nodes from now on. Blocks. */
  synchronized void join() {
    joined = true;
    served.values().forEach(Nextclouds::join);
  }

  /** What is shared of the first begins and ends with this node. */
  private static void join(ServedNextcloud one) {
    if (!one.instance().name().isFirst()) {
      one.shared().open();
    }
  }

  private static boolean isOneOf(List<ServedNextcloud> some, ServedNextcloud one) {
    return some.stream().anyMatch(it -> it.instance() == one.instance());
  }

  /** Before requests for them come. Blocks. */
  private static void awaitCaughtUp(List<ServedNextcloud> begun) {
    caughtUp(begun, Gateway.CATCH_UP).toCompletionStage().toCompletableFuture().join();
  }

  /** Complete when what other nodes know of them is known here, or the time is over. */
  Future<Void> caughtUp(Duration atMost) {
    return caughtUp(served.values(), atMost);
  }

  private static Future<Void> caughtUp(Collection<ServedNextcloud> some, Duration atMost) {
    return Future.join(some.stream().map(one -> one.shared().caughtUp(atMost)).toList()).mapEmpty();
  }

  /** Shares nothing more of the further ones; complete when other nodes have been told. */
  Future<Void> leave() {
    return leave(served.values());
  }

  private static Future<Void> leave(Collection<ServedNextcloud> some) {
    return Future.join(
            some.stream()
                .filter(one -> !one.instance().name().isFirst())
                .map(one -> one.shared().close())
                .toList())
        .mapEmpty();
  }

  /** Whoever is there already stays. */
  private void take(List<Configuration.Nextcloud> wanted) {
    var now = new LinkedHashMap<Instance, ServedNextcloud>();
    for (var one : wanted) {
      var next =
          served.values().stream()
              .filter(it -> it.wanted().isAs(one))
              .findFirst()
              .map(it -> it.as(one))
              .orElseGet(() -> begin(one));
      now.put(next.instance(), next);
    }
    served = Collections.unmodifiableMap(now);
  }

  private ServedNextcloud begin(Configuration.Nextcloud wanted) {
    PROGRESS.info(
        "{} at {}{}",
        wanted.name().isFirst() ? "Nextcloud" : "Nextcloud " + wanted.name(),
        wanted.url(),
        wanted.hosts().isEmpty() ? "" : ", asked for as " + wanted.hosts());
    var next = ServedNextcloud.begin(wanted, bansOf(wanted.name()), ground, entrance);
    PROGRESS.info("engines without a tunnel: {}", next.tunnels().engines().numbers());
    wanted.places().cluster().ifPresent(it -> PROGRESS.info("cluster: {}", it));
    if (joined) {
      join(next);
    }
    return next;
  }

  private Bans bansOf(InstanceName name) {
    return bans.computeIfAbsent(
        name,
        it -> {
          var own = ground.bansOf(it);
          ground.observation().watch(List.of(own.users(), own.bySites()));
          return own;
        });
  }

  private List<Hosted> hosted() {
    return served.values().stream().map(ServedNextcloud::hosted).toList();
  }

  /** Which of them a request is for. */
  Instances instances() {
    return instances;
  }

  List<ServedNextcloud> all() {
    return List.copyOf(served.values());
  }

  /** That of the variables. */
  ServedNextcloud first() {
    return served.values().iterator().next();
  }

  /** The engines that one of them reaches. */
  Engines engines(Instance whose) {
    var found = served.get(whose);
    return found == null ? Engines.of(Map.of()) : found.tunnels().engines();
  }

  /** How the ExApps of one of them are reached. */
  Upstreams upstreams(Instance whose) {
    var found = served.get(whose);
    return found == null ? exApp -> Future.failedFuture(gone()) : found.upstreams();
  }

  private static HarpException gone() {
    return new HarpException(Code.UNAVAILABLE, "its Nextcloud is served no more");
  }

  /** Takes orders, each from the Nextcloud that gives it. */
  ControlHandler orders() {
    return new ControlHandler() {
      @Override
      public int maxBodyBytes(String path) {
        return first().orders().maxBodyBytes(path);
      }

      @Override
      public Future<ControlAnswer> handle(ControlRequest request) {
        var found = served.get(request.instance());
        return found == null ? Future.failedFuture(gone()) : found.orders().handle(request);
      }
    };
  }

  /** All lists of all that were served, each once. */
  List<Failures> bans() {
    var now = new LinkedHashMap<>(bans);
    served.keySet().forEach(each -> now.put(each.name(), each.bans()));
    return now.values().stream().map(Bans::all).flatMap(List::stream).distinct().toList();
  }

  int knownExApps() {
    return sum(each -> each.instance().records().all().size());
  }

  /** How many engines can be reached, of all of them. */
  int knownEngines() {
    return sum(each -> each.tunnels().engines().numbers().size());
  }

  private int sum(ToIntFunction<ServedNextcloud> number) {
    return served.values().stream().mapToInt(number).sum();
  }

  /** How often records were known, and how often one of them had to be asked. */
  CacheStats recordStats() {
    return stats(each -> each.records().stats());
  }

  /** The same of sessions. */
  CacheStats sessionStats() {
    return stats(each -> each.instance().sessions().stats());
  }

  private CacheStats stats(Function<ServedNextcloud, CacheStats> stats) {
    return served.values().stream().map(stats).reduce(CacheStats.empty(), CacheStats::plus);
  }

  /** Blocks. */
  void close() {
    served.values().forEach(ServedNextcloud::close);
  }
}
