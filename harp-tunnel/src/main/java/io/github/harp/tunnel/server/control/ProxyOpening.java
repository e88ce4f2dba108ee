// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.control;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.RefusalCode;
import io.github.harp.tunnel.TunnelAuthenticator.ProxyDecision;
import io.github.harp.tunnel.TunnelAuthenticator.ProxyRequest;
import io.github.harp.tunnel.frp.Message.NewProxy;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.server.session.ClientSession;
import io.github.harp.tunnel.server.session.OpenProxy;
import io.github.harp.tunnel.server.session.Printable;
import io.github.harp.tunnel.server.session.ProxyTable;
import io.github.harp.tunnel.server.session.ServerContext;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides about one NewProxy after another; every refusal is a text that frpc prints. */
final class ProxyOpening {

  private static final Logger LOG = LoggerFactory.getLogger("io.github.harp.tunnel.TunnelServer");
  private static final int MAX_NAME_LENGTH = 255;

  /**
   * A client that was restarted after a crash finds its name or its port taken by its old self,
   * which nobody has noticed to be dead. frpc would try again after half a minute only.
   */
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(3);

  /** Either a proxy or an error. */
  record Result(@Nullable OpenProxy proxy, String error, RefusalCode code) {
    static Result opened(OpenProxy proxy) {
      return new Result(proxy, "", RefusalCode.PROXY);
    }

    static Result refused(String error) {
      return refused(error, RefusalCode.PROXY);
    }

    static Result refused(String error, RefusalCode code) {
      return new Result(null, error, code);
    }
  }

  private final ClientSession session;
  private final ServerContext server;

  ProxyOpening(ClientSession session, ServerContext server) {
    this.session = session;
    this.server = server;
  }

  void open(NewProxy request, Consumer<Result> then) {
    Consumer<Result> logged =
        result -> {
          if (result.proxy() == null) {
            server
                .refusals()
                .refused(
                    session.connection().address(),
                    result.code(),
                    session
                        + " may not open ["
                        + Printable.of(request.proxyName())
                        + "]: "
                        + result.error());
          }
          then.accept(result);
        };
    Optional<ProxyType> type =
        ProxyType.named(request.proxyType()).filter(server.options().proxyTypes()::contains);
    if (type.isEmpty()) {
      logged.accept(
          Result.refused(
              "proxy type ["
                  + Printable.of(request.proxyType())
                  + "] is not supported here; allowed: "
                  + server.options().proxyTypes()));
      return;
    }
    String refusal = refusalOf(request);
    if (refusal != null) {
      logged.accept(Result.refused(refusal));
      return;
    }
    int port = portFor(request, type.get());
    if (type.get() == ProxyType.TCP && !server.proxies().allows(port)) {
      logged.accept(
          Result.refused(
              port == 0
                  ? "no available port"
                  : "port not allowed: " + port + "; allowed are " + server.options().ports()));
      return;
    }
    ask(request, new ProxyRequest(request.proxyName(), type.get(), port), logged);
  }

  private @Nullable String refusalOf(NewProxy request) {
    String name = request.proxyName();
    if (name.isEmpty()
        || name.length() > MAX_NAME_LENGTH
        || name.chars().anyMatch(Character::isISOControl)) {
      return "a proxy name has 1 to " + MAX_NAME_LENGTH + " printable characters";
    }
    if (session.proxyCount() >= server.limits().perClient().proxies()) {
      return "exceed the max_ports_per_client: " + server.limits().perClient().proxies();
    }
    if (!request.group().isEmpty()) {
      return "load balancing groups are not supported here";
    }
    return null;
  }

  private int portFor(NewProxy request, ProxyType type) {
    if (type != ProxyType.TCP) {
      return 0;
    }
    return request.remotePort() != 0 ? request.remotePort() : server.proxies().freePort().orElse(0);
  }

  private void ask(NewProxy message, ProxyRequest request, Consumer<Result> then) {
    Decisions.within(
        server.limits().times().decision(),
        session.loop(),
        () -> server.authenticator().authorize(session.identity(), request),
        (decision, failure) -> {
          if (decision instanceof ProxyDecision.Allow allow) {
            claim(message, request, allow, true, then);
          } else if (decision instanceof ProxyDecision.Refuse refuse) {
            then.accept(Result.refused(refuse.reason(), refuse.code()));
          } else {
            LOG.warn("{}: {} could not be decided: {}", session, request, String.valueOf(failure));
            then.accept(Result.refused("the proxy could not be checked, try again later"));
          }
        });
  }

  private void claim(
      NewProxy message,
      ProxyRequest request,
      ProxyDecision.Allow allowed,
      boolean isFirstTry,
      Consumer<Result> then) {
    OpenProxy proxy =
        new OpenProxy(
            session,
            request.name(),
            request.type(),
            request.remotePort(),
            new PayloadWrapping(
                message.useEncryption(), message.useCompression(), server.options().frpToken()),
            message.sk(),
            message.allowUsers(),
            server.clock().instant());
    if (session.isClosing()) {
      return;
    }
    Optional<OpenProxy> holder = server.proxies().claim(proxy);
    if (holder.isPresent() && isFirstTry) {
      makeWay(holder.get(), allowed)
          .addListener(
              done -> session.loop().execute(() -> claim(message, request, allowed, false, then)));
    } else if (holder.isPresent()) {
      boolean sameName = ProxyTable.haveOneName(holder.get(), proxy);
      then.accept(
          Result.refused(
              sameName
                  ? "proxy [" + proxy.name() + "] already exists"
                  : "port already used: " + proxy.remotePort()));
    } else if (server.options().exposeOnLoopback() && proxy.remotePort() > 0) {
      expose(proxy, then);
    } else {
      then.accept(Result.opened(proxy));
    }
  }

  /** Whoever has the name or the port goes if it is not his, or if he is dead. */
  private Future<Void> makeWay(OpenProxy held, ProxyDecision.Allow allowed) {
    ClientSession holder = held.owner();
    return allowed.overrules() && !holder.identity().equals(session.identity())
        ? holder.close("port " + held.remotePort() + " is for " + session.identity())
        : holder.probe(SIGN_OF_LIFE);
  }

  private void expose(OpenProxy proxy, Consumer<Result> then) {
    server
        .loopback()
        .open(proxy)
        .addListener(
            bound ->
                session
                    .loop()
                    .execute(
                        () -> {
                          if (bound.isSuccess() && !session.isClosing()) {
                            then.accept(Result.opened(proxy));
                          } else {
                            session.withdraw(proxy, "port unavailable");
                            then.accept(Result.refused("port unavailable: " + proxy.remotePort()));
                          }
                        }));
  }
}
