// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a {@link TunnelClient} is to work. Immutable; every {@code with} method returns a changed
 * copy. The defaults are those of frpc, except that it never gives up and uses TLS only when told
 * how.
 */
public final class TunnelClientOptions {

  /**
   * frp's own heartbeat.
   *
   * @param interval between two pings
   * @param timeout how long an answer may be overdue before the session is given up
   */
  public record Heartbeat(Duration interval, Duration timeout) {}

  /**
   * Waiting between attempts.
   *
   * @param first before the first repetition; it doubles with each failure
   * @param most upper limit
   */
  public record Backoff(Duration first, Duration most) {}

  private static final Heartbeat HEARTBEAT_WITHOUT_MUX =
      new Heartbeat(Duration.ofSeconds(30), Duration.ofSeconds(90));

  private final String serverAddress;
  private final int serverPort;
  private List<TunnelProxy> proxies = List.of();
  private Map<String, String> metas = Map.of();
  private String user = "";
  private String frpToken = "";
  private Optional<TunnelClientTls> tls = Optional.empty();
  private boolean tcpMux = true;
  private WireProtocol wire = WireProtocol.V1;
  private int poolCount = 1;
  private Optional<Heartbeat> heartbeat = Optional.empty();
  private boolean heartbeatChosen;
  private Duration connectTimeout = Duration.ofSeconds(10);
  private Duration muxKeepAlive = Duration.ofSeconds(30);
  private Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(20));
  private Duration retryOfRefusedProxies = Duration.ofSeconds(30);
  private boolean givesUpOnFirstLogin;
  private Optional<Function<EventLoop, TunnelNames>> names = Optional.empty();

  private TunnelClientOptions(String serverAddress, int serverPort) {
    this.serverAddress = serverAddress;
    this.serverPort = serverPort;
  }

  private TunnelClientOptions(TunnelClientOptions other) {
    this(other.serverAddress, other.serverPort);
    proxies = other.proxies;
    metas = other.metas;
    user = other.user;
    frpToken = other.frpToken;
    tls = other.tls;
    tcpMux = other.tcpMux;
    wire = other.wire;
    poolCount = other.poolCount;
    heartbeat = other.heartbeat;
    heartbeatChosen = other.heartbeatChosen;
    connectTimeout = other.connectTimeout;
    muxKeepAlive = other.muxKeepAlive;
    backoff = other.backoff;
    retryOfRefusedProxies = other.retryOfRefusedProxies;
    givesUpOnFirstLogin = other.givesUpOnFirstLogin;
    names = other.names;
  }

  /** For the server at this name or address and port; the name is resolved at each attempt. */
  public static TunnelClientOptions to(String serverAddress, int serverPort) {
    if (serverAddress.isEmpty()) {
      throw new IllegalArgumentException("no server address; expected a host name or an address");
    }
    if (serverPort < 1 || serverPort > 65_535) {
      throw new IllegalArgumentException("server port %d; expected 1-65535".formatted(serverPort));
    }
    return new TunnelClientOptions(serverAddress, serverPort);
  }

  /** What to offer; names must differ. */
  public TunnelClientOptions withProxies(List<TunnelProxy> offered) {
    var names = new HashSet<String>();
    for (var proxy : offered) {
      if (!names.add(proxy.name())) {
        throw new IllegalArgumentException(
            "two proxies are called %s; expected different names".formatted(proxy.name()));
      }
    }
    var copy = new TunnelClientOptions(this);
    copy.proxies = List.copyOf(offered);
    return copy;
  }

  /** What to offer; names must differ. */
  public TunnelClientOptions withProxies(TunnelProxy... offered) {
    return withProxies(List.of(offered));
  }

  /** Sent with the login. HaRP expects its shared key, or a tunnel token, under {@code token}. */
  public TunnelClientOptions withMetas(Map<String, String> sent) {
    var copy = new TunnelClientOptions(this);
    copy.metas = Map.copyOf(sent);
    return copy;
  }

  /** frp's {@code user}: goes before each proxy name with a dot. */
  public TunnelClientOptions withUser(String name) {
    var copy = new TunnelClientOptions(this);
    copy.user = name;
    return copy;
  }

  /** frp's own {@code auth.token}, which also keys its encryption. */
  public TunnelClientOptions withFrpToken(String token) {
    var copy = new TunnelClientOptions(this);
    copy.frpToken = token;
    return copy;
  }

  /** Encrypts connections. Without it they are in clear text. */
  public TunnelClientOptions withTls(TunnelClientTls how) {
    var copy = new TunnelClientOptions(this);
    copy.tls = Optional.of(how);
    return copy;
  }

  /** Whether all streams share one connection; must be the same at the server. On by default. */
  public TunnelClientOptions withTcpMux(boolean on) {
    var copy = new TunnelClientOptions(this);
    copy.tcpMux = on;
    return copy;
  }

  /** {@link WireProtocol#V2} needs a server of 0.69 or later; there is no fall-back. */
  public TunnelClientOptions withWireProtocol(WireProtocol version) {
    var copy = new TunnelClientOptions(this);
    copy.wire = version;
    return copy;
  }

  /** Idle connections that the server is to keep ready. */
  public TunnelClientOptions withPoolCount(int count) {
    if (count < 0 || count > 100) {
      throw new IllegalArgumentException("pool count %d; expected 0-100".formatted(count));
    }
    var copy = new TunnelClientOptions(this);
    copy.poolCount = count;
    return copy;
  }

  /**
   * frp's own heartbeat; by default none with multiplexing, else 30 s and 90 s. Empty switches it
   * off.
   */
  public TunnelClientOptions withHeartbeat(Optional<Heartbeat> how) {
    var copy = new TunnelClientOptions(this);
    copy.heartbeat = how;
    copy.heartbeatChosen = true;
    return copy;
  }

  /** Time for connecting, for the TLS handshake and for the answer to a login, each. */
  public TunnelClientOptions withConnectTimeout(Duration timeout) {
    var copy = new TunnelClientOptions(this);
    copy.connectTimeout = timeout;
    return copy;
  }

  /** How often a multiplexed connection is checked. */
  public TunnelClientOptions withMuxKeepAlive(Duration interval) {
    var copy = new TunnelClientOptions(this);
    copy.muxKeepAlive = interval;
    return copy;
  }

  public TunnelClientOptions withBackoff(Backoff waits) {
    var copy = new TunnelClientOptions(this);
    copy.backoff = waits;
    return copy;
  }

  /** How long to wait before a proxy that the server refused is offered again. */
  public TunnelClientOptions withRetryOfRefusedProxies(Duration interval) {
    var copy = new TunnelClientOptions(this);
    copy.retryOfRefusedProxies = interval;
    return copy;
  }

  /**
   * Whether a failed first login ends the client, frp's {@code loginFailExit}. Later failures never
   * do.
   */
  public TunnelClientOptions withGivingUpOnFirstLogin(boolean givesUp) {
    var copy = new TunnelClientOptions(this);
    copy.givesUpOnFirstLogin = givesUp;
    return copy;
  }

  /**
   * Who finds hosts, made for the client's event loop. By default the JVM does, which keeps answers
   * for 30 s unless its security property {@code networkaddress.cache.ttl} says otherwise.
   */
  public TunnelClientOptions withNames(Function<EventLoop, TunnelNames> finder) {
    var copy = new TunnelClientOptions(this);
    copy.names = Optional.of(finder);
    return copy;
  }

  public String serverAddress() {
    return serverAddress;
  }

  public int serverPort() {
    return serverPort;
  }

  public List<TunnelProxy> proxies() {
    return proxies;
  }

  public Map<String, String> metas() {
    return metas;
  }

  public String user() {
    return user;
  }

  public String frpToken() {
    return frpToken;
  }

  public Optional<TunnelClientTls> tls() {
    return tls;
  }

  public boolean tcpMux() {
    return tcpMux;
  }

  public WireProtocol wireProtocol() {
    return wire;
  }

  public int poolCount() {
    return poolCount;
  }

  /** The heartbeat in force. */
  public Optional<Heartbeat> heartbeat() {
    return heartbeatChosen || tcpMux ? heartbeat : Optional.of(HEARTBEAT_WITHOUT_MUX);
  }

  public Duration connectTimeout() {
    return connectTimeout;
  }

  public Duration muxKeepAlive() {
    return muxKeepAlive;
  }

  public Backoff backoff() {
    return backoff;
  }

  public Duration retryOfRefusedProxies() {
    return retryOfRefusedProxies;
  }

  public boolean givesUpOnFirstLogin() {
    return givesUpOnFirstLogin;
  }

  public Optional<Function<EventLoop, TunnelNames>> names() {
    return names;
  }
}
