// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.instance.SeveralInstances;
import io.github.harp.core.instance.SeveralInstances.Hosted;
import io.github.harp.dialin.Party;
import io.github.harp.kubernetes.KubernetesCluster;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.Configuration.Other;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.proxy.upstream.LocalEngines;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The Nextclouds of a configuration: that of the variables, which is the first, and the others. */
final class Nextclouds {

  private final Configuration configuration;
  private final List<NextcloudAccess> all = new ArrayList<>();

  /** In the order of the file. */
  private final Map<Instance, Other> others = new LinkedHashMap<>();

  private final Bans nobodys;
  private final Instances instances;

  /**
   * @param cluster where ExApps of the first may be
   * @param bans who may not ask the first
   */
  Nextclouds(
      Configuration configuration,
      Vertx vertx,
      HostNames names,
      Optional<KubernetesCluster> cluster,
      Bans bans,
      Nodes nodes,
      Ticker ticker) {
    this.configuration = configuration;
    var access = configuration.access();
    all.add(NextcloudAccess.of(configuration, vertx, names, cluster, bans, nodes, ticker));
    for (var other : configuration.others().nextclouds()) {
      var one = NextcloudAccess.of(other, access, vertx, names, bans, ticker);
      all.add(one);
      others.put(one.instance(), other);
    }
    this.nobodys = bans.beside(InstanceName.NOBODY, access.banCount(), access.banWindow(), ticker);
    this.instances =
        isAlone() ? Instances.only(first()) : new SeveralInstances(hosted(), nobodys, ticker);
  }

  private boolean isAlone() {
    return others.isEmpty() && configuration.others().hosts().isEmpty();
  }

  private List<Hosted> hosted() {
    var own = configuration.others().hosts();
    var hosted = new ArrayList<Hosted>();
    hosted.add(new Hosted(first(), own, own.isEmpty()));
    others.forEach((each, other) -> hosted.add(new Hosted(each, other.hosts(), false)));
    return hosted;
  }

  /** That of the variables. */
  Instance first() {
    return all.get(0).instance();
  }

  Instances instances() {
    return instances;
  }

  /** Those of the file. */
  Map<Instance, Other> others() {
    return Collections.unmodifiableMap(others);
  }

  /** Whether lines and series have to say whose they are. */
  boolean areSeveral() {
    return !others.isEmpty();
  }

  /** Whose ExApps dial in; each has the engines that the configuration gives it. */
  List<Party> parties(HostNames names) {
    var connectTimeout = configuration.http().timeouts().upstream().connect();
    var memory = configuration.certificates().tunnelPorts();
    var parties = new ArrayList<Party>();
    parties.add(
        new Party(
            first(),
            new LocalEngines(configuration.places().engines(), names, connectTimeout),
            memory));
    others.forEach(
        (each, other) ->
            parties.add(
                new Party(
                    each,
                    new LocalEngines(other.engines(), names, connectTimeout),
                    memory.resolveSibling(memory.getFileName() + "." + other.name()))));
    return parties;
  }

  /** All lists of all of them, each once. */
  List<Failures> bans() {
    var ofEach = all.stream().map(each -> each.instance().bans().all()).flatMap(List::stream);
    var ofNobody = isAlone() ? Stream.<Failures>empty() : nobodys.all().stream();
    return Stream.concat(ofEach, ofNobody).distinct().toList();
  }

  int knownExApps() {
    return all.stream().mapToInt(each -> each.instance().records().all().size()).sum();
  }

  CacheStats recordStats() {
    return sum(NextcloudAccess::recordStats);
  }

  CacheStats sessionStats() {
    return sum(each -> each.instance().sessions().stats());
  }

  private CacheStats sum(Function<NextcloudAccess, CacheStats> stats) {
    return all.stream().map(stats).reduce(CacheStats.empty(), CacheStats::plus);
  }

  Future<Void> close() {
    return Future.join(all.stream().map(NextcloudAccess::close).toList()).mapEmpty();
  }
}
