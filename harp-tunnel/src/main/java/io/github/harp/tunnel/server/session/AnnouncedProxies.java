// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The proxies that a client has been told to be running, and the users who came a moment too early.
 * Belongs to the event loop of the client; {@link #contains} and {@link #all} may be called from
 * any thread.
 */
final class AnnouncedProxies {

  /**
   * A work connection can overtake the answer to NewProxy, and a Go client drops one for a proxy
   * that it does not know to be running yet; so users of a new proxy wait a moment.
   */
  private static final Duration SETTLING = Duration.ofMillis(50);

  private final EventLoop loop;
  private final Set<OpenProxy> announced = ConcurrentHashMap.newKeySet();
  private final Set<OpenProxy> settled = new HashSet<>();
  private final Map<OpenProxy, Promise<Void>> early = new HashMap<>();

  AnnouncedProxies(EventLoop loop) {
    this.loop = loop;
  }

  void add(OpenProxy proxy) {
    announced.add(proxy);
    loop.schedule(() -> settle(proxy), SETTLING.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void settle(OpenProxy proxy) {
    if (!announced.contains(proxy)) {
      return;
    }
    settled.add(proxy);
    Promise<Void> users = early.remove(proxy);
    if (users != null) {
      users.setSuccess(null);
    }
  }

  /** Lets waiting users go; false if the client was never told of this proxy. */
  boolean remove(OpenProxy proxy) {
    settled.remove(proxy);
    Promise<Void> users = early.remove(proxy);
    if (users != null) {
      users.setFailure(gone(proxy));
    }
    return announced.remove(proxy);
  }

  boolean contains(OpenProxy proxy) {
    return announced.contains(proxy);
  }

  Set<OpenProxy> all() {
    return announced;
  }

  /** When users of a proxy that the client holds can be served. */
  Future<Void> whenSettled(OpenProxy proxy) {
    return settled.contains(proxy)
        ? loop.newSucceededFuture(null)
        : early.computeIfAbsent(proxy, fresh -> loop.newPromise());
  }

  static TunnelException gone(OpenProxy proxy) {
    return new TunnelException(Code.CLOSED, proxy + ": the client has withdrawn it or is gone");
  }
}
