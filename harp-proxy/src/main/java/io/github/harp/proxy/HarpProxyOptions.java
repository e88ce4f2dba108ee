// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import io.github.harp.proxy.transport.TransportChoice;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How a {@link HarpProxy} listens and what it allows. Immutable; each {@code with…} method gives a
 * changed copy. The defaults are the product's.
 *
 * @param listen addresses for plain HTTP/1.1 and HTTP/2 with prior knowledge; port 0 takes a free
 *     one
 * @param listenTls addresses for HTTPS; used only with a certificate
 * @param certificate a PEM file with the certificate chain and its key
 * @param timeouts how long things may take
 * @param limits how much there may be of things
 * @param protocols which optional parts of HTTP are passed on
 * @param transport which sockets to use when the proxy makes its own Vert.x; a host's decides for
 *     itself
 */
public record HarpProxyOptions(
    List<InetSocketAddress> listen,
    List<InetSocketAddress> listenTls,
    Optional<Path> certificate,
    Timeouts timeouts,
    Limits limits,
    Protocols protocols,
    TransportChoice transport) {

  /** Listens on port 8780 of all addresses, without HTTPS. */
  public HarpProxyOptions() {
    this(
        List.of(new InetSocketAddress(8780)),
        List.of(),
        Optional.empty(),
        new Timeouts(),
        new Limits(),
        new Protocols(),
        TransportChoice.AUTO);
  }

  public HarpProxyOptions {
    listen = List.copyOf(listen);
    listenTls = List.copyOf(listenTls);
    Objects.requireNonNull(certificate, "certificate");
    Objects.requireNonNull(timeouts, "timeouts");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(protocols, "protocols");
    Objects.requireNonNull(transport, "transport");
  }

  /**
   * Time limits. Zero means none where it is allowed.
   *
   * @param connect one attempt to connect to an upstream
   * @param client a client that sends a request, or keeps a connection open between requests
   * @param server an upstream's silence before and within an answer
   * @param upgrade silence in both directions after an upgrade; zero for no limit
   * @param decision until a request is decided
   * @param halfClosed how long an upgraded connection lives on after one side has ended
   * @param heartbeat for an ExApp's first byte when AppAPI asks whether it is up
   */
  public record Timeouts(
      Duration connect,
      Duration client,
      Duration server,
      Duration upgrade,
      Duration decision,
      Duration halfClosed,
      Duration heartbeat) {

    public Timeouts() {
      this(
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1800),
          Duration.ofSeconds(1800),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(3));
    }

    public Timeouts {
      requirePositive("connect", connect);
      requirePositive("client", client);
      requirePositive("server", server);
      requirePositive("decision", decision);
      requirePositive("halfClosed", halfClosed);
      requirePositive("heartbeat", heartbeat);
      if (upgrade.isNegative()) {
        throw new IllegalArgumentException(
            "timeout upgrade " + upgrade + ": expected zero or more");
      }
    }

    private static void requirePositive(String name, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(
            "timeout " + name + " " + value + ": expected more than zero");
      }
    }

    public Timeouts withConnect(Duration value) {
      return new Timeouts(value, client, server, upgrade, decision, halfClosed, heartbeat);
    }

    public Timeouts withClient(Duration value) {
      return new Timeouts(connect, value, server, upgrade, decision, halfClosed, heartbeat);
    }

    public Timeouts withServer(Duration value) {
      return new Timeouts(connect, client, value, upgrade, decision, halfClosed, heartbeat);
    }

    public Timeouts withUpgrade(Duration value) {
      return new Timeouts(connect, client, server, value, decision, halfClosed, heartbeat);
    }

    public Timeouts withDecision(Duration value) {
      return new Timeouts(connect, client, server, upgrade, value, halfClosed, heartbeat);
    }

    public Timeouts withHalfClosed(Duration value) {
      return new Timeouts(connect, client, server, upgrade, decision, value, heartbeat);
    }

    public Timeouts withHeartbeat(Duration value) {
      return new Timeouts(connect, client, server, upgrade, decision, halfClosed, value);
    }
  }

  /**
   * Bounds on what clients may make us keep.
   *
   * @param connections client connections at a time; more wait in the listener's backlog
   * @param requestsPerClient requests under way of one client address, or IPv6 /64, which AppAPI
   *     has not signed; 0 for any number
   * @param requestsPerExApp the same to one ExApp
   * @param headBytes a request's line and headers
   * @param streamsPerConnection concurrent requests of one HTTP/2 connection
   * @param connectRetries further attempts after a failed connect
   * @param connectRetryDelay between two attempts
   */
  public record Limits(
      int connections,
      int requestsPerClient,
      int requestsPerExApp,
      int headBytes,
      int streamsPerConnection,
      int connectRetries,
      Duration connectRetryDelay) {

    public Limits() {
      this(8192, 4096, 4096, 32 * 1024, 100, 3, Duration.ofSeconds(1));
    }

    public Limits {
      if (connections < 1 || headBytes < 1024 || streamsPerConnection < 1 || connectRetries < 0) {
        throw new IllegalArgumentException(
            "limits: expected at least 1 connection, 1024 bytes of head, 1 stream, 0 retries");
      }
      if (requestsPerClient < 0 || requestsPerExApp < 0) {
        throw new IllegalArgumentException(
            "limits: expected at least 1 request, or 0 for no limit");
      }
    }

    public Limits withConnections(int value) {
      return new Limits(
          value,
          requestsPerClient,
          requestsPerExApp,
          headBytes,
          streamsPerConnection,
          connectRetries,
          connectRetryDelay);
    }

    public Limits withRequests(int perClient, int perExApp) {
      return new Limits(
          connections,
          perClient,
          perExApp,
          headBytes,
          streamsPerConnection,
          connectRetries,
          connectRetryDelay);
    }

    public Limits withConnectRetries(int value, Duration delay) {
      return new Limits(
          connections,
          requestsPerClient,
          requestsPerExApp,
          headBytes,
          streamsPerConnection,
          value,
          delay);
    }
  }

  /**
   * Optional parts of HTTP.
   *
   * @param upgrades protocols, in lower case, that a request may ask an ExApp to switch to; never
   *     HTTP itself or TLS, in which nothing would be decided any more
   * @param earlyHints whether HTTP/1.1 clients, too, get 1xx answers that they did not ask for:
   *     common proxies take them for the answer
   */
  public record Protocols(Set<String> upgrades, boolean earlyHints) {

    private static final Pattern TOKEN = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~/-]{1,64}");
    private static final Pattern NEVER = Pattern.compile("(h2c?|h3|(http|tls)(/.*)?)");

    public Protocols() {
      this(Set.of("websocket"), false);
    }

    public Protocols {
      upgrades = Set.copyOf(upgrades);
      for (var name : upgrades) {
        if (!TOKEN.matcher(name).matches() || NEVER.matcher(name).matches()) {
          throw new IllegalArgumentException(
              "names of protocols in lower case, such as websocket, without HTTP and TLS");
        }
      }
    }

    public Protocols withUpgrades(Set<String> value) {
      return new Protocols(value, earlyHints);
    }

    public Protocols withEarlyHints(boolean value) {
      return new Protocols(upgrades, value);
    }
  }

  public HarpProxyOptions withListen(InetSocketAddress... addresses) {
    return new HarpProxyOptions(
        List.of(addresses), listenTls, certificate, timeouts, limits, protocols, transport);
  }

  /**
   * Serves HTTPS with the chain and key in a PEM file, the key perhaps in one beside it with {@code
   * .key} at its end. Both are read again when they change. While they can't be used, an error in
   * the log says why, and connections are closed.
   */
  public HarpProxyOptions withTls(Path certificate, InetSocketAddress... addresses) {
    return new HarpProxyOptions(
        listen,
        List.of(addresses),
        Optional.of(certificate),
        timeouts,
        limits,
        protocols,
        transport);
  }

  public HarpProxyOptions withTimeouts(Timeouts value) {
    return new HarpProxyOptions(
        listen, listenTls, certificate, value, limits, protocols, transport);
  }

  public HarpProxyOptions withLimits(Limits value) {
    return new HarpProxyOptions(
        listen, listenTls, certificate, timeouts, value, protocols, transport);
  }

  public HarpProxyOptions withProtocols(Protocols value) {
    return new HarpProxyOptions(listen, listenTls, certificate, timeouts, limits, value, transport);
  }

  public HarpProxyOptions withTransport(TransportChoice value) {
    return new HarpProxyOptions(listen, listenTls, certificate, timeouts, limits, protocols, value);
  }
}
