// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.frp.ClientMessage.NewProxy;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelAuthenticator.ProxyDecision;
import io.github.harp.tunnel.server.TunnelAuthenticator.ProxyRequest;
import io.github.harp.tunnel.server.accept.Printable;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One NewProxy from its message to an open proxy, or to a refusal: a text that frpc prints. On the
 * event loop of the client.
 */
final class ProxyOpening {

  private static final int MAX_NAME_LENGTH = 255;

  /** Those with a port are counted as frps counts them, apart from the others. */
  private static final int MOST_SERVICES = 8;

  private final NewProxy message;
  private final ClientSession session;
  private final Clients server;
  private final Promise<OpenProxy> opened;

  ProxyOpening(NewProxy message, ClientSession session, Clients server) {
    this.message = message;
    this.session = session;
    this.server = server;
    this.opened = session.loop().newPromise();
  }

  /** The proxy, or {@link Code#REFUSED} with what the client is to be told. */
  Future<OpenProxy> start() {
    var type = ProxyType.named(message.proxyType());
    var refusal = refusal();
    if (type.isEmpty()) {
      refuse(
          "proxy type [%s] is not supported here; allowed: %s"
              .formatted(Printable.of(message.proxyType()), List.of(ProxyType.values())));
    } else if (refusal != null) {
      refuse(refusal);
    } else {
      switch (type.get()) {
        case TCP -> {
          if (has(true) < server.limits.perClient().proxies()) {
            askForPort();
          } else {
            refuse("exceed the max_ports_per_client: " + server.limits.perClient().proxies());
          }
        }
        case STCP, XTCP -> {
          if (has(false) < MOST_SERVICES) {
            ask(new ProxyRequest(message.proxyName(), type.get(), 0));
          } else {
            refuse("too many proxies without a port; a client may have " + MOST_SERVICES);
          }
        }
      }
    }
    return opened;
  }

  private @Nullable String refusal() {
    String name = message.proxyName();
    if (name.isEmpty()
        || name.length() > MAX_NAME_LENGTH
        || name.chars().anyMatch(Character::isISOControl)) {
      return "a proxy name has 1 to " + MAX_NAME_LENGTH + " printable characters";
    }
    if (!message.group().isEmpty()) {
      return "load balancing groups are not supported here";
    }
    return null;
  }

  private long has(boolean port) {
    return session.proxies().stream().filter(open -> open.remotePort().isPresent() == port).count();
  }

  private void askForPort() {
    int port =
        message.remotePort() != 0
            ? message.remotePort()
            : server.proxies.freePort(session.identity().realm()).orElse(0);
    if (server.proxies.allows(port)) {
      ask(new ProxyRequest(message.proxyName(), ProxyType.TCP, port));
    } else if (port == 0) {
      refuse("no available port");
    } else {
      refuse("port not allowed: " + port + "; allowed are " + server.options.ports());
    }
  }

  private void ask(ProxyRequest request) {
    server.ask(
        session + ": " + request,
        session.loop(),
        () -> server.authenticator.authorize(session.identity(), request),
        decision ->
            decision.when(
                allow -> claim(proxy(request), allow, true),
                refuse -> refuse(refuse.reason(), refuse.code())),
        () -> refuse("the proxy could not be checked, try again later"));
  }

  private OpenProxy proxy(ProxyRequest request) {
    var wrapping =
        new PayloadWrapping(
            message.useEncryption(), message.useCompression(), server.options.frpToken());
    var head =
        new OpenProxy.Head(
            session,
            request.name(),
            wrapping,
            server.clock.instant(),
            new OpenProxy.Announcement(session.loop()));
    return switch (request.type()) {
      case TCP -> new OpenProxy.Tcp(head, request.remotePort());
      case STCP, XTCP ->
          new OpenProxy.Secret(head, request.type(), message.sk(), message.allowUsers());
    };
  }

  private void claim(OpenProxy proxy, ProxyDecision.Allow allowed, boolean isFirstTry) {
    if (session.isClosing()) {
      return;
    }
    var holder = server.proxies.claim(proxy);
    if (holder.isEmpty()) {
      expose(proxy);
    } else if (isFirstTry) {
      makeWay(holder.get(), allowed)
          .addListener(done -> session.loop().execute(() -> claim(proxy, allowed, false)));
    } else if (ProxyTable.haveOneName(holder.get(), proxy)) {
      refuse("proxy [" + proxy.name() + "] already exists");
    } else {
      refuse("port already used: " + proxy.remotePort().orElse(0));
    }
  }

  /** Whoever has the name or the port goes if it is not his, or if he is dead. */
  private Future<Void> makeWay(OpenProxy held, ProxyDecision.Allow allowed) {
    ClientSession holder = held.owner();
    return allowed.overrules() && !holder.identity().equals(session.identity())
        ? holder.close(held + " is for " + session.identity())
        : holder.probe();
  }

  private void expose(OpenProxy proxy) {
    if (!server.options.exposeOnLoopback() || !(proxy instanceof OpenProxy.Tcp tcp)) {
      opened.setSuccess(proxy);
      return;
    }
    server
        .loopback
        .open(tcp)
        .addListener(
            bound ->
                session
                    .loop()
                    .execute(
                        () -> {
                          if (bound.isSuccess() && !session.isClosing()) {
                            opened.setSuccess(proxy);
                          } else {
                            session.withdraw(proxy, "port unavailable");
                            refuse("port unavailable: " + tcp.port());
                          }
                        }));
  }

  private void refuse(String error) {
    refuse(error, RefusalCode.PROXY);
  }

  private void refuse(String error, RefusalCode code) {
    session
        .connection()
        .refused(
            code, session + " may not open [" + Printable.of(message.proxyName()) + "]: " + error);
    opened.setFailure(new TunnelException(Code.REFUSED, error));
  }
}
