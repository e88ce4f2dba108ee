// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.server.TunnelStatus;
import io.github.harp.tunnel.server.accept.Printable;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** A proxy that a client has opened. */
sealed interface OpenProxy {

  /**
   * What proxies of all types have.
   *
   * @param wrapping what the client's side of the payload looks like
   */
  record Head(
      ClientSession owner,
      String name,
      PayloadWrapping wrapping,
      Instant since,
      Announcement announcement) {}

  /**
   * Whether the client has been told that its proxy runs, and the users who came a moment too
   * early. Belongs to the event loop of the client, but for {@link #isMade}.
   */
  final class Announcement {

    /**
     * A work connection can overtake the answer to NewProxy, and a Go client drops one for a proxy
     * that it does not know to be running yet; so users of a new proxy wait a moment.
     */
    private static final Duration SETTLING = Duration.ofMillis(50);

    private final EventLoop loop;
    private final Promise<Void> settled;
    private volatile boolean made;

    Announcement(EventLoop loop) {
      this.loop = loop;
      this.settled = loop.newPromise();
    }

    void make() {
      made = true;
      loop.schedule(() -> settled.trySuccess(null), SETTLING.toMillis(), TimeUnit.MILLISECONDS);
    }

    boolean isMade() {
      return made;
    }

    /** When users can be served; fails if that is not to be. */
    Future<Void> settled() {
      return settled;
    }

    /** Lets waiting users go; false if the client was never told of this proxy. */
    boolean withdraw(Throwable why) {
      settled.tryFailure(why);
      boolean wasMade = made;
      made = false;
      return wasMade;
    }
  }

  record Tcp(Head head, int port) implements OpenProxy {

    @Override
    public ProxyType type() {
      return ProxyType.TCP;
    }

    @Override
    public OptionalInt remotePort() {
      return OptionalInt.of(port);
    }

    @Override
    public boolean hasNameOfItsOwn() {
      return owner().identity().exclusive();
    }

    @Override
    public String toString() {
      return "proxy " + Printable.of(name()) + " on port " + port;
    }
  }

  /**
   * A service without a port, for visitors who know its secret.
   *
   * @param type {@link ProxyType#STCP} or {@link ProxyType#XTCP}
   * @param secretKey what visitors sign with
   * @param allowedUsers frp users who may visit; empty for the owner's user only
   */
  record Secret(Head head, ProxyType type, String secretKey, List<String> allowedUsers)
      implements OpenProxy {

    private static final String ANYBODY = "*";

    boolean isFor(String user) {
      var allowed = allowedUsers.isEmpty() ? List.of(owner().user()) : allowedUsers;
      return allowed.contains(user) || allowed.contains(ANYBODY);
    }

    @Override
    public OptionalInt remotePort() {
      return OptionalInt.empty();
    }

    @Override
    public boolean hasNameOfItsOwn() {
      return false;
    }

    @Override
    public String toString() {
      return "proxy " + Printable.of(name());
    }
  }

  Head head();

  ProxyType type();

  /** The port that is claimed with it, if its type has one. */
  OptionalInt remotePort();

  /** Whether its name is one among its owner's only; otherwise it is common to its realm. */
  boolean hasNameOfItsOwn();

  default ClientSession owner() {
    return head().owner();
  }

  default String realm() {
    return owner().identity().realm();
  }

  default String name() {
    return head().name();
  }

  /** Whether users may come. */
  default boolean isAnnounced() {
    return head().announcement().isMade();
  }

  default TunnelException gone() {
    return new TunnelException(Code.CLOSED, this + ": the client has withdrawn it or is gone");
  }

  /** What the client is told of where its proxy can be reached. */
  default String remoteAddress() {
    var port = remotePort();
    return port.isPresent() ? ":" + port.getAsInt() : "";
  }

  default TunnelStatus.Proxy status() {
    return new TunnelStatus.Proxy(name(), type(), remotePort().orElse(0), head().since());
  }
}
