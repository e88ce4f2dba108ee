// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link TunnelServer} is to work. Immutable; every {@code with} method returns a changed
 * copy.
 *
 * <p>{@link #defaults()} listens on all addresses, port 8782, and lets nobody in: say at least how
 * to authenticate ({@link #withAuthenticator}) and either {@link #withTls} or {@link #withPlain}.
 */
public final class TunnelServerOptions {

  /** Event loops shared with the host, and the matching kind of server channel. */
  record Loops(
      EventLoopGroup acceptors,
      EventLoopGroup workers,
      @Nullable Class<? extends ServerChannel> channelType) {}

  private static final int DEFAULT_PORT = 8782;

  private InetSocketAddress address = new InetSocketAddress("0.0.0.0", DEFAULT_PORT);
  private @Nullable Supplier<SslContext> tls;
  private boolean plain;
  private String frpToken = "";
  private @Nullable TunnelAuthenticator authenticator;
  private LoginBans bans = LoginBans.none();
  private TunnelListener listener = TunnelListener.none();
  private List<PortRange> ports =
      List.of(new PortRange(23_000, 23_999), new PortRange(24_000, 24_099));
  private Set<ProxyType> proxyTypes = EnumSet.allOf(ProxyType.class);
  private boolean exposeOnLoopback;
  private TunnelLimits limits = TunnelLimits.defaults();
  private @Nullable Loops loops;

  private TunnelServerOptions() {}

  private TunnelServerOptions(TunnelServerOptions other) {
    address = other.address;
    tls = other.tls;
    plain = other.plain;
    frpToken = other.frpToken;
    authenticator = other.authenticator;
    bans = other.bans;
    listener = other.listener;
    ports = other.ports;
    proxyTypes = other.proxyTypes;
    exposeOnLoopback = other.exposeOnLoopback;
    limits = other.limits;
    loops = other.loops;
  }

  public static TunnelServerOptions defaults() {
    return new TunnelServerOptions();
  }

  /** Where clients connect; port 0 takes a free one. */
  public TunnelServerOptions withAddress(InetSocketAddress listenAddress) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.address = listenAddress;
    return copy;
  }

  /**
   * Accepts TLS with the context that {@code context} gives at each connection, so that renewed
   * certificates take effect without a restart. The context decides whether clients need a
   * certificate.
   */
  public TunnelServerOptions withTls(Supplier<SslContext> context) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.tls = context;
    return copy;
  }

  /** Accepts connections without TLS, too. Off by default. */
  public TunnelServerOptions withPlain(boolean allowed) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.plain = allowed;
    return copy;
  }

  /** frp's own {@code auth.token}, which also keys its encryption. Empty by default, as in HaRP. */
  public TunnelServerOptions withFrpToken(String token) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.frpToken = token;
    return copy;
  }

  /** Who may log in, and open what. Without it nobody can. */
  public TunnelServerOptions withAuthenticator(TunnelAuthenticator decider) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.authenticator = decider;
    return copy;
  }

  /** The host's ban list. None by default. */
  public TunnelServerOptions withBans(LoginBans hostBans) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.bans = hostBans;
    return copy;
  }

  /** Who hears about clients and ports. */
  public TunnelServerOptions withListener(TunnelListener hears) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.listener = hears;
    return copy;
  }

  /** Remote ports that can be claimed; 23000-23999 and 24000-24099 by default. */
  public TunnelServerOptions withPorts(PortRange... ranges) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.ports = List.of(ranges);
    return copy;
  }

  /** Kinds of proxy that clients may open; all by default. */
  public TunnelServerOptions withProxyTypes(ProxyType first, ProxyType... more) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.proxyTypes = EnumSet.of(first, more);
    return copy;
  }

  /**
   * Also opens each remote port as a TCP port on 127.0.0.1, as frp does. Off by default: every
   * local process could use such a port without any key.
   */
  public TunnelServerOptions exposeOnLoopback(boolean expose) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.exposeOnLoopback = expose;
    return copy;
  }

  public TunnelServerOptions withLimits(TunnelLimits clientLimits) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.limits = clientLimits;
    return copy;
  }

  /** Runs on event loops of the host (epoll or NIO), which the server does not shut down. */
  public TunnelServerOptions withEventLoops(EventLoopGroup acceptors, EventLoopGroup workers) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.loops = new Loops(acceptors, workers, null);
    return copy;
  }

  /**
   * Runs on event loops of the host whose transport needs this kind of server channel (io_uring).
   */
  public TunnelServerOptions withEventLoops(
      EventLoopGroup acceptors,
      EventLoopGroup workers,
      Class<? extends ServerChannel> channelType) {
    TunnelServerOptions copy = new TunnelServerOptions(this);
    copy.loops = new Loops(acceptors, workers, channelType);
    return copy;
  }

  public InetSocketAddress address() {
    return address;
  }

  public @Nullable Supplier<SslContext> tls() {
    return tls;
  }

  public boolean plain() {
    return plain;
  }

  public String frpToken() {
    return frpToken;
  }

  /**
   * @throws IllegalStateException if none was given
   */
  public TunnelAuthenticator authenticator() {
    if (authenticator == null) {
      throw new IllegalStateException(
          "the tunnel server has no authenticator; expected one from withAuthenticator(...)");
    }
    return authenticator;
  }

  boolean hasAuthenticator() {
    return authenticator != null;
  }

  public LoginBans bans() {
    return bans;
  }

  public TunnelListener listener() {
    return listener;
  }

  public List<PortRange> ports() {
    return ports;
  }

  public Set<ProxyType> proxyTypes() {
    return proxyTypes;
  }

  public boolean exposeOnLoopback() {
    return exposeOnLoopback;
  }

  public TunnelLimits limits() {
    return limits;
  }

  @Nullable Loops loops() {
    return loops;
  }
}
