// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.Deployment;
import io.github.harp.core.ExApp;
import io.github.harp.launcher.tunnels.RemotePort.Past;
import io.github.harp.operations.Way;
import io.github.harp.tunnel.TunnelIdentity;
import io.github.harp.tunnel.TunnelListener;
import io.github.harp.tunnel.TunnelStatus;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;

/**
 * Which remote ports have a tunnel and whose it is, and whose tunnels there ever were. Bounded by
 * the number of remote ports. Thread-safe.
 */
public final class OpenPorts implements TunnelListener {

  /** More than there are for tunnels, so that orders with odd ports do not count. */
  private static final int MAX_EXPECTED = 1_100;

  private final IntFunction<List<ExApp>> known;
  private final Runnable changed;

  /** Copied when a port is added, so that it is read without a lock. */
  private volatile IntObjectMap<RemotePort> ports = new IntObjectHashMap<>();

  /** Nothing is known of ExApps, and nothing outlives a restart. */
  OpenPorts() {
    this(port -> List.of(), Map.of(), () -> {});
  }

  /**
   * @param known the ExApps that are known on a port of this host
   * @param past what was known at the end of the last run
   * @param changed is told when {@link #past} has changed; must not block
   */
  OpenPorts(IntFunction<List<ExApp>> known, Map<Integer, Past> past, Runnable changed) {
    this.known = known;
    this.changed = changed;
    past.forEach(this::add);
  }

  @Override
  public void opened(TunnelStatus.Session client, TunnelStatus.Proxy proxy) {
    if (proxy.remotePort() > 0) {
      var port = add(proxy.remotePort(), Past.NONE);
      port.opened(client);
      known.apply(proxy.remotePort()).forEach(port::arrived);
    }
  }

  @Override
  public void closed(TunnelStatus.Session client, TunnelStatus.Proxy proxy, String reason) {
    find(proxy.remotePort()).ifPresent(port -> port.closed(client));
  }

  /** A token for this port was made: its owner is to be reached through a tunnel. */
  void expect(Deployment deployment, int number) {
    if (find(number).isPresent() || ports.size() < MAX_EXPECTED) {
      add(number, Past.NONE).expect(deployment);
    }
  }

  /** A record is known now. */
  void arrived(ExApp exApp) {
    find(exApp.address().port()).ifPresent(port -> port.arrived(exApp));
  }

  boolean isOpen(int number) {
    return holder(number).isPresent();
  }

  /** Who has this port now. */
  Optional<TunnelIdentity> holder(int number) {
    return find(number).flatMap(RemotePort::holder);
  }

  /** As which deployment an ExApp is reached through a tunnel; empty when directly. */
  Optional<Deployment> reachedAs(ExApp exApp) {
    var port = ports.get(exApp.address().port());
    return port == null ? Optional.empty() : port.reachedAs(exApp);
  }

  /** How an ExApp is reached right now. */
  public Way way(ExApp exApp) {
    var deployment = reachedAs(exApp);
    if (deployment.isEmpty()) {
      return Way.DIRECT;
    }
    return holder(exApp.address().port())
        .map(
            client ->
                TunnelUpstream.mayServe(client, deployment) ? Way.TUNNEL : Way.TUNNEL_OF_ANOTHER)
        .orElse(Way.TUNNEL_AWAY);
  }

  /** The open ports from {@code first} to {@code last}. */
  SortedSet<Integer> openBetween(int first, int last) {
    var open = new TreeSet<Integer>();
    ports.forEach(
        (number, port) -> {
          if (number >= first && number <= last && port.holder().isPresent()) {
            open.add(number);
          }
        });
    return open;
  }

  /** What is to outlive a restart. */
  Map<Integer, Past> past() {
    var past = new TreeMap<Integer, Past>();
    ports.forEach((number, port) -> past.put(number, port.past()));
    return past;
  }

  private Optional<RemotePort> find(int number) {
    return Optional.ofNullable(ports.get(number));
  }

  private synchronized RemotePort add(int number, Past past) {
    var there = ports.get(number);
    if (there != null) {
      return there;
    }
    var added = new RemotePort(past, changed);
    var copy = new IntObjectHashMap<RemotePort>(ports.size() + 1);
    copy.putAll(ports);
    copy.put(number, added);
    ports = copy;
    return added;
  }
}
