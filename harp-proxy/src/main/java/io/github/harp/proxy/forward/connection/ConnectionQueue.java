// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.connection;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Requests of one event loop that wait for a connection to the same upstream, and the connections
 * that are being made for them.
 *
 * <p>None is made for a certain request: clients take turns, so that whoever brings a thousand
 * requests at once keeps nobody else waiting for more than one of them. One that nobody waits for
 * any more is there for the next request: such as come and go by the thousand would else make as
 * many, which keeps the event loop busy and leaves the upstream's address without free ports.
 */
final class ConnectionQueue {

  /** All that a browser asks for at once, and no more than servers keep that do not accept yet. */
  static final int AT_ONCE = 128;

  /** Where a request waits. */
  final class Place {
    private final InetAddress client;
    private final Handler<Future<Channel>> user;

    private Place(InetAddress client, Handler<Future<Channel>> user) {
      this.client = client;
      this.user = user;
    }

    /** It wants no connection any more. */
    void leave() {
      remove(this);
      pool.emptied(ConnectionQueue.this);
    }

    /** The same, because that took too long: what is under way longest is not counted on. */
    void despair() {
      var longest = underWay.iterator();
      if (longest.hasNext()) {
        longest.next();
        longest.remove();
      }
      leave();
      dial();
    }
  }

  private final Upstream upstream;
  private final UpstreamPool pool;
  private final LoopResources loop;

  /** Who came first is first. */
  private final Set<Place> waiting = new LinkedHashSet<>();

  /** The same ones by client; whose turn it is is first. */
  private final Map<InetAddress, Set<Place>> turns = new LinkedHashMap<>();

  private final Set<Object> underWay = new LinkedHashSet<>();
  private boolean dialling;

  ConnectionQueue(Upstream upstream, UpstreamPool pool) {
    this.upstream = upstream;
    this.pool = pool;
    this.loop = pool.loop();
  }

  Upstream upstream() {
    return upstream;
  }

  boolean isEmpty() {
    return underWay.isEmpty() && waiting.isEmpty();
  }

  /**
   * @param user told when there is a connection, or that there is none
   */
  Place join(InetAddress address, Handler<Future<Channel>> user) {
    var place = new Place(IpAddresses.subscriber(address), user);
    waiting.add(place);
    turns.computeIfAbsent(place.client, client -> new LinkedHashSet<>()).add(place);
    dial();
    return place;
  }

  private void remove(Place place) {
    if (waiting.remove(place)) {
      turns.computeIfPresent(
          place.client,
          (client, places) -> places.remove(place) && places.isEmpty() ? null : places);
    }
  }

  /** As many as are waited for; what fails at once is not told from within what asked for it. */
  private void dial() {
    if (dialling) {
      return;
    }
    dialling = true;
    try {
      while (underWay.size() < Math.min(waiting.size(), AT_ONCE)) {
        var attempt = new Object();
        underWay.add(attempt);
        loop.when(
            LoopResources.ask(() -> upstream.connect(loop.loop())),
            outcome -> end(attempt, outcome));
      }
    } finally {
      dialling = false;
    }
  }

  private void end(Object attempt, Future<Channel> outcome) {
    boolean isCountedOn = underWay.remove(attempt);
    Place told = null;
    if (outcome.succeeded()) {
      told = next();
    } else if (isCountedOn && waiting.size() > underWay.size()) {
      told = waiting.iterator().next();
      remove(told);
    }
    dial();
    pool.emptied(this);
    if (told != null) {
      told.user.handle(outcome);
    } else if (outcome.succeeded()) {
      pool.keep(upstream, outcome.result());
    }
  }

  private @Nullable Place next() {
    var clients = turns.entrySet().iterator();
    if (!clients.hasNext()) {
      return null;
    }
    var client = clients.next();
    clients.remove();
    var places = client.getValue();
    var place = places.iterator().next();
    places.remove(place);
    waiting.remove(place);
    if (!places.isEmpty()) {
      turns.put(client.getKey(), places);
    }
    return place;
  }
}
