// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a {@link TunnelClient} is to work. The defaults are those of frpc, except that it never gives
 * up and uses TLS only when told how.
 *
 * @param serverAddress a name, resolved at each attempt, or an address
 * @param proxies what to offer; names must differ
 * @param visitors what services of others are to be reachable here; names must differ
 * @param metas sent with the login. HaRP expects its shared key, or a tunnel token, under {@code
 *     token}
 * @param user frp's {@code user}: goes before each proxy name with a dot
 * @param frpToken frp's own {@code auth.token}, which also keys its encryption
 * @param transport what its bytes travel in; TCP by default
 * @param tls encrypts connections; without it they are in clear text
 * @param tcpMux whether all streams share one connection; must be the same at the server. On by
 *     default
 * @param wireProtocol {@link WireProtocol#V2} needs a server of 0.69 or later; there is no
 *     fall-back
 * @param poolCount idle connections that the server is to keep ready, 0 to 100; 1 by default
 * @param heartbeat frp's own; by default none with multiplexing, else 30 s and 90 s
 * @param connectTimeout for connecting, for the TLS handshake and for the answer to a login, each;
 *     10 s by default
 * @param muxKeepAlive how often a multiplexed connection is checked; every 30 s by default
 * @param givesUpOnFirstLogin whether a failed first login ends the client, frp's {@code
 *     loginFailExit}. Later failures never do
 * @param names who finds hosts, made for the client's event loop. By default the JVM does, which
 *     keeps answers for 30 s unless its security property {@code networkaddress.cache.ttl} says
 *     otherwise
 * @param stunServer who tells peers of straight ways how they are seen: a name or an address, not
 *     resolved. By default the tunnel server's host, at STUN's port 3478
 * @param onFatalError told of each {@link Error} that reaches a connection, see {@link
 *     TunnelServerOptions#onFatalError}
 */
public record TunnelClientOptions(
    String serverAddress,
    int serverPort,
    List<TunnelProxy> proxies,
    List<TunnelVisitor> visitors,
    Map<String, String> metas,
    String user,
    String frpToken,
    TunnelTransport transport,
    Optional<TunnelClientTls> tls,
    boolean tcpMux,
    WireProtocol wireProtocol,
    int poolCount,
    Optional<Heartbeat> heartbeat,
    Duration connectTimeout,
    Duration muxKeepAlive,
    Retries retries,
    boolean givesUpOnFirstLogin,
    Optional<Function<EventLoop, TunnelNames>> names,
    InetSocketAddress stunServer,
    Consumer<Throwable> onFatalError) {

  private static final Logger LOG = LoggerFactory.getLogger(TunnelClientOptions.class);
  private static final int STUN_PORT = 3478;

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public TunnelClientOptions {
    if (serverAddress.isEmpty()) {
      throw new IllegalArgumentException("no server address; expected a host name or an address");
    }
    PortRange.ALL.require("server port", serverPort);
    if (transport == TunnelTransport.WSS && tls.isEmpty()) {
      throw new IllegalArgumentException("wss without TLS; expected TLS, or websocket");
    }
    if (poolCount < 0 || poolCount > 100) {
      throw new IllegalArgumentException("pool count %d; expected 0-100".formatted(poolCount));
    }
    proxies = List.copyOf(proxies);
    metas = Map.copyOf(metas);
    var proxyNames = new HashSet<String>();
    for (var proxy : proxies) {
      if (!proxyNames.add(proxy.name())) {
        throw new IllegalArgumentException(
            "two proxies are called %s; expected different names".formatted(proxy.name()));
      }
    }
    visitors = List.copyOf(visitors);
    requireVisitors(visitors);
  }

  private static void requireVisitors(List<TunnelVisitor> visitors) {
    var ways = new HashMap<String, ProxyType>();
    for (var visitor : visitors) {
      if (ways.put(visitor.name(), visitor.way()) != null) {
        throw new IllegalArgumentException(
            "two visitors are called %s; expected different names".formatted(visitor.name()));
      }
    }
    for (var visitor : visitors) {
      var other = visitor.straight().fallbackTo();
      if (other.isPresent() && ways.get(other.get()) != ProxyType.STCP) {
        throw new IllegalArgumentException(
            "visitor %s: fallback %s; expected the name of an stcp visitor"
                .formatted(visitor.name(), other.get()));
      }
    }
  }

  /**
   * frp's own heartbeat.
   *
   * @param interval between two pings
   * @param timeout how long an answer may be overdue before the session is given up
   */
  public record Heartbeat(Duration interval, Duration timeout) {

    /** What frp does without multiplexing. */
    public Heartbeat() {
      this(Duration.ofSeconds(30), Duration.ofSeconds(90));
    }
  }

  /**
   * Waiting before something is tried again.
   *
   * @param first before the first repetition of a login; it doubles with each failure
   * @param most upper limit of that
   * @param refusedProxy before a proxy that the server refused is offered again
   */
  public record Retries(Duration first, Duration most, Duration refusedProxy) {

    public Retries() {
      this(Duration.ofSeconds(1), Duration.ofSeconds(20), Duration.ofSeconds(30));
    }
  }

  /** Without what is secret. */
  @Override
  public String toString() {
    return "tunnel of " + proxies + " to " + serverAddress + ":" + serverPort;
  }

  /** For the server at this name or address and port. */
  public static Builder to(String serverAddress, int serverPort) {
    return new Builder(serverAddress, serverPort);
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {

    private final String serverAddress;
    private final int serverPort;
    private List<TunnelProxy> proxies = List.of();
    private List<TunnelVisitor> visitors = List.of();
    private Map<String, String> metas = Map.of();
    private String user = "";
    private String frpToken = "";
    private TunnelTransport transport = TunnelTransport.TCP;
    private Optional<TunnelClientTls> tls = Optional.empty();
    private boolean tcpMux = true;
    private WireProtocol wireProtocol = WireProtocol.V1;
    private int poolCount = 1;
    private @Nullable Heartbeat heartbeat;
    private boolean withoutHeartbeat;
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration muxKeepAlive = Duration.ofSeconds(30);
    private Retries retries = new Retries();
    private boolean givesUpOnFirstLogin;
    private Optional<Function<EventLoop, TunnelNames>> names = Optional.empty();
    private @Nullable InetSocketAddress stunServer;
    private Consumer<Throwable> onFatalError =
        error -> LOG.error("a tunnel has met an error that this process may not get over", error);

    private Builder(String serverAddress, int serverPort) {
      this.serverAddress = serverAddress;
      this.serverPort = serverPort;
    }

    public Builder proxies(List<TunnelProxy> value) {
      proxies = value;
      return this;
    }

    public Builder proxies(TunnelProxy... values) {
      return proxies(List.of(values));
    }

    public Builder visitors(List<TunnelVisitor> value) {
      visitors = value;
      return this;
    }

    public Builder metas(Map<String, String> value) {
      metas = value;
      return this;
    }

    public Builder user(String value) {
      user = value;
      return this;
    }

    public Builder frpToken(String value) {
      frpToken = value;
      return this;
    }

    public Builder transport(TunnelTransport value) {
      transport = value;
      return this;
    }

    public Builder tls(TunnelClientTls value) {
      tls = Optional.of(value);
      return this;
    }

    public Builder tcpMux(boolean value) {
      tcpMux = value;
      return this;
    }

    public Builder wireProtocol(WireProtocol value) {
      wireProtocol = value;
      return this;
    }

    public Builder poolCount(int value) {
      poolCount = value;
      return this;
    }

    public Builder heartbeat(Heartbeat value) {
      heartbeat = value;
      return this;
    }

    public Builder withoutHeartbeat() {
      heartbeat = null;
      withoutHeartbeat = true;
      return this;
    }

    public Builder connectTimeout(Duration value) {
      connectTimeout = value;
      return this;
    }

    public Builder muxKeepAlive(Duration value) {
      muxKeepAlive = value;
      return this;
    }

    public Builder retries(Retries value) {
      retries = value;
      return this;
    }

    public Builder givesUpOnFirstLogin(boolean value) {
      givesUpOnFirstLogin = value;
      return this;
    }

    public Builder names(Function<EventLoop, TunnelNames> value) {
      names = Optional.of(value);
      return this;
    }

    public Builder stunServer(InetSocketAddress value) {
      stunServer = value;
      return this;
    }

    public Builder onFatalError(Consumer<Throwable> value) {
      onFatalError = value;
      return this;
    }

    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public TunnelClientOptions build() {
      var byDefault = tcpMux || withoutHeartbeat ? null : new Heartbeat();
      return new TunnelClientOptions(
          serverAddress,
          serverPort,
          proxies,
          visitors,
          metas,
          user,
          frpToken,
          transport,
          tls,
          tcpMux,
          wireProtocol,
          poolCount,
          Optional.ofNullable(heartbeat == null ? byDefault : heartbeat),
          connectTimeout,
          muxKeepAlive,
          retries,
          givesUpOnFirstLogin,
          names,
          stunServer == null
              ? InetSocketAddress.createUnresolved(serverAddress, STUN_PORT)
              : stunServer,
          onFatalError);
    }
  }
}
