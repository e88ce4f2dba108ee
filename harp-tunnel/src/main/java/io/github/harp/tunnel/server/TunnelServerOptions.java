// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.pki.ServerCredentials;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a {@link TunnelServer} is to work.
 *
 * @param address where clients connect; all addresses, port 8782, by default. Port 0 takes a free
 *     one
 * @param tls gives the context for each connection, so that renewed certificates take effect
 *     without a restart. The context decides whether clients need a certificate
 * @param plain whether connections without TLS are accepted, too; off by default
 * @param webSockets whether clients may come over WebSocket; like all others by default
 * @param quic where clients may come over QUIC, too; nowhere by default. Needs {@code
 *     netty-codec-native-quic} on the class path, for the platform
 * @param balancers whose headers of the PROXY protocol are believed; nobody's by default
 * @param frpToken frp's own {@code auth.token}, which also keys its encryption. Empty by default,
 *     as in HaRP
 * @param authenticator who may log in, and open what. Without it nobody can
 * @param bans the host's ban list; none by default
 * @param listener who hears about clients and ports
 * @param ports remote ports that can be claimed; 23000-23999 and 24000-24099 by default
 * @param exposeOnLoopback whether each remote port is also a TCP port on 127.0.0.1, as in frp. Off
 *     by default: every local process could use such a port without any key
 * @param onFatalError told of each {@link Error} that reaches a connection: no memory left, a class
 *     that can't be loaded. Something was then not done that others rely on, and a process that
 *     does nothing else had better end. Called on the event loop; may have no memory. By default it
 *     is logged
 * @param loops event loops of the host, which the server does not shut down; its own by default
 */
public record TunnelServerOptions(
    InetSocketAddress address,
    Optional<Supplier<SslContext>> tls,
    boolean plain,
    WebSockets webSockets,
    Optional<Quic> quic,
    Predicate<InetAddress> balancers,
    String frpToken,
    Optional<TunnelAuthenticator> authenticator,
    LoginBans bans,
    TunnelListener listener,
    List<PortRange> ports,
    boolean exposeOnLoopback,
    TunnelLimits limits,
    Consumer<Throwable> onFatalError,
    Optional<Loops> loops) {

  private static final Logger LOG = LoggerFactory.getLogger(TunnelServerOptions.class);

  /** The product's. */
  public static final int DEFAULT_PORT = 8782;

  /**
   * Where clients dial in over QUIC.
   *
   * @param address of UDP; port 0 takes a free one
   * @param credentials asked for each connection, so that renewed certificates take effect without
   *     a restart. They decide whether clients need a certificate
   */
  public record Quic(InetSocketAddress address, Supplier<ServerCredentials> credentials) {}

  /**
   * Event loops shared with the host.
   *
   * @param channelType the kind of server channel that fits them
   */
  public record Loops(
      EventLoopGroup acceptors,
      EventLoopGroup workers,
      Class<? extends ServerChannel> channelType) {}

  /** Without what is secret. */
  @Override
  public String toString() {
    return "tunnel server on " + address + ", remote ports " + ports;
  }

  /**
   * Say at least {@link Builder#authenticator}, and {@link Builder#tls} or {@link Builder#plain}.
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {

    private InetSocketAddress address = new InetSocketAddress("0.0.0.0", DEFAULT_PORT);
    private Optional<Supplier<SslContext>> tls = Optional.empty();
    private boolean plain;
    private WebSockets webSockets = WebSockets.LIKE_OTHERS;
    private Optional<Quic> quic = Optional.empty();
    private Predicate<InetAddress> balancers = nobody -> false;
    private String frpToken = "";
    private Optional<TunnelAuthenticator> authenticator = Optional.empty();
    private LoginBans bans = LoginBans.none();
    private TunnelListener listener = TunnelListener.none();
    private List<PortRange> ports = List.of(new PortRange(23_000, 23_999), PortRange.ENGINES);
    private boolean exposeOnLoopback;
    private TunnelLimits limits = new TunnelLimits();
    private Consumer<Throwable> onFatalError =
        error -> LOG.error("a tunnel has met an error that this process may not get over", error);
    private Optional<Loops> loops = Optional.empty();

    private Builder() {}

    public Builder address(InetSocketAddress value) {
      address = value;
      return this;
    }

    public Builder tls(Supplier<SslContext> value) {
      tls = Optional.of(value);
      return this;
    }

    public Builder plain(boolean value) {
      plain = value;
      return this;
    }

    public Builder webSockets(WebSockets value) {
      webSockets = value;
      return this;
    }

    public Builder quic(InetSocketAddress at, Supplier<ServerCredentials> credentials) {
      quic = Optional.of(new Quic(at, credentials));
      return this;
    }

    public Builder balancers(Predicate<InetAddress> value) {
      balancers = value;
      return this;
    }

    public Builder frpToken(String value) {
      frpToken = value;
      return this;
    }

    public Builder authenticator(TunnelAuthenticator value) {
      authenticator = Optional.of(value);
      return this;
    }

    public Builder bans(LoginBans value) {
      bans = value;
      return this;
    }

    public Builder listener(TunnelListener value) {
      listener = value;
      return this;
    }

    public Builder ports(PortRange... values) {
      ports = List.of(values);
      return this;
    }

    public Builder exposeOnLoopback(boolean value) {
      exposeOnLoopback = value;
      return this;
    }

    public Builder limits(TunnelLimits value) {
      limits = value;
      return this;
    }

    public Builder onFatalError(Consumer<Throwable> value) {
      onFatalError = value;
      return this;
    }

    public Builder eventLoops(
        EventLoopGroup acceptors,
        EventLoopGroup workers,
        Class<? extends ServerChannel> channelType) {
      loops = Optional.of(new Loops(acceptors, workers, channelType));
      return this;
    }

    public TunnelServerOptions build() {
      return new TunnelServerOptions(
          address,
          tls,
          plain,
          webSockets,
          quic,
          balancers,
          frpToken,
          authenticator,
          bans,
          listener,
          ports,
          exposeOnLoopback,
          limits,
          onFatalError,
          loops);
    }
  }
}
