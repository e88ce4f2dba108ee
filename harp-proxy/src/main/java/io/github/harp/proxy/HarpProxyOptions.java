// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import io.github.harp.proxy.transport.TransportChoice;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How a {@link HarpProxy} listens and what it allows.
 *
 * @param listen addresses for plain HTTP/1.1 and HTTP/2 with prior knowledge; port 0 takes a free
 *     one. All addresses, port 8780, by default
 * @param tls HTTPS; none by default
 * @param transport which sockets to use when the proxy makes its own Vert.x; a host's decides for
 *     itself
 */
public record HarpProxyOptions(
    List<InetSocketAddress> listen,
    Optional<Tls> tls,
    Timeouts timeouts,
    Limits limits,
    Protocols protocols,
    TransportChoice transport) {

  /** The product's, for plain HTTP. */
  public static final int DEFAULT_PORT = 8780;

  public HarpProxyOptions {
    listen = List.copyOf(listen);
  }

  /** All addresses, with TLS or without. */
  List<InetSocketAddress> listeners() {
    var withTls = tls.stream().flatMap(it -> it.listen().stream());
    return Stream.concat(listen.stream(), withTls).toList();
  }

  /** Everything is as in the product, until something else is said. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * HTTPS with the chain and key in a PEM file, the key perhaps in one beside it with {@code .key}
   * at its end. Both are read again when they change. While they can't be used, an error in the log
   * says why, and connections are closed.
   */
  public record Tls(Path certificate, List<InetSocketAddress> listen) {
    public Tls {
      listen = List.copyOf(listen);
    }
  }

  /**
   * Time limits; zero is none.
   *
   * @param client a client that sends a request, or keeps a connection open between requests; 30 s
   *     by default
   * @param decision until a request is decided; 30 s by default
   */
  public record Timeouts(
      Duration client, Duration decision, ToUpstream upstream, Upgraded upgraded) {

    public Timeouts() {
      this(Duration.ofSeconds(30), new ToUpstream(), new Upgraded());
    }

    /** With the default for what is nobody's choice. */
    public Timeouts(Duration client, ToUpstream upstream, Upgraded upgraded) {
      this(client, Duration.ofSeconds(30), upstream, upgraded);
    }

    public Timeouts {
      requireNotNegative("client", client);
      requireNotNegative("decision", decision);
    }

    /**
     * For upstreams.
     *
     * @param connect one attempt to connect; 30 s by default
     * @param silence before and within an answer; 30 minutes by default
     * @param heartbeat for an ExApp's first byte when AppAPI asks whether it is up; 3 s by default
     */
    public record ToUpstream(Duration connect, Duration silence, Duration heartbeat) {

      public ToUpstream() {
        this(Duration.ofSeconds(30), Duration.ofMinutes(30));
      }

      /** With the default for what is nobody's choice. */
      public ToUpstream(Duration connect, Duration silence) {
        this(connect, silence, Duration.ofSeconds(3));
      }

      public ToUpstream {
        requireNotNegative("connect", connect);
        requireNotNegative("silence", silence);
        requireNotNegative("heartbeat", heartbeat);
      }
    }

    /**
     * For upgraded connections.
     *
     * @param silence in both directions; 30 minutes by default
     * @param halfClosed how long one lives on after one side has ended, and how long a client of
     *     HTTP/1 that has ended its half waits for its answer; 30 s by default
     */
    public record Upgraded(Duration silence, Duration halfClosed) {

      public Upgraded() {
        this(Duration.ofMinutes(30));
      }

      /** With the default for what is nobody's choice. */
      public Upgraded(Duration silence) {
        this(silence, Duration.ofSeconds(30));
      }

      public Upgraded {
        requireNotNegative("silence", silence);
        requireNotNegative("halfClosed", halfClosed);
      }
    }

    private static void requireNotNegative(String name, Duration value) {
      if (value.isNegative()) {
        throw new IllegalArgumentException(
            "timeout " + name + " " + value + ": expected zero or more");
      }
    }
  }

  /**
   * Bounds on what clients may make us keep.
   *
   * @param connections client connections at a time; more wait in the listener's backlog. 8,192 by
   *     default
   * @param headBytes a request's line and headers; 32 KiB by default
   * @param streamsPerConnection concurrent requests of one HTTP/2 connection; 100 by default
   */
  public record Limits(
      int connections,
      int headBytes,
      int streamsPerConnection,
      Requests requests,
      Retries retries) {

    public Limits() {
      this(8192, new Requests());
    }

    /** With the defaults for what is nobody's choice. */
    public Limits(int connections, Requests requests) {
      this(connections, 32 * 1024, 100, requests, new Retries());
    }

    public Limits {
      if (connections < 1 || headBytes < 1024 || streamsPerConnection < 1) {
        throw new IllegalArgumentException(
            "limits: expected at least 1 connection, 1024 bytes of head, 1 stream");
      }
    }

    /**
     * Requests under way that AppAPI has not signed; 0 is any number.
     *
     * @param perClient of one client address, or IPv6 /64; 4,096 by default
     * @param perExApp to one ExApp; 4,096 by default. A quarter of them is kept for addresses that
     *     have few under way
     */
    public record Requests(int perClient, int perExApp) {

      public Requests() {
        this(4096, 4096);
      }

      public Requests {
        if (perClient < 0 || perExApp < 0) {
          throw new IllegalArgumentException(
              "limits: expected at least 1 request, or 0 for no limit");
        }
      }
    }

    /**
     * What follows a failed connect.
     *
     * @param most further attempts; 3 by default
     * @param delay between two attempts; 1 s by default
     */
    public record Retries(int most, Duration delay) {

      public Retries() {
        this(3, Duration.ofSeconds(1));
      }

      public Retries {
        if (most < 0 || delay.isNegative()) {
          throw new IllegalArgumentException("retries: expected zero or more");
        }
      }
    }
  }

  /**
   * Optional parts of HTTP.
   *
   * @param upgrades protocols, in lower case, that a request may ask an ExApp to switch to; never
   *     HTTP itself or TLS, in which nothing would be decided any more. WebSocket by default
   * @param earlyHints whether HTTP/1.1 clients, too, get 1xx answers that they did not ask for:
   *     common proxies take them for the answer. Off by default
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
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {

    private List<InetSocketAddress> listen = List.of(new InetSocketAddress(DEFAULT_PORT));
    private Optional<Tls> tls = Optional.empty();
    private Timeouts timeouts = new Timeouts();
    private Limits limits = new Limits();
    private Protocols protocols = new Protocols();
    private TransportChoice transport = TransportChoice.AUTO;

    private Builder() {}

    public Builder listen(InetSocketAddress... values) {
      listen = List.of(values);
      return this;
    }

    public Builder tls(Path certificate, InetSocketAddress... values) {
      tls = Optional.of(new Tls(certificate, List.of(values)));
      return this;
    }

    public Builder timeouts(Timeouts value) {
      timeouts = value;
      return this;
    }

    public Builder limits(Limits value) {
      limits = value;
      return this;
    }

    public Builder protocols(Protocols value) {
      protocols = value;
      return this;
    }

    public Builder transport(TransportChoice value) {
      transport = value;
      return this;
    }

    public HarpProxyOptions build() {
      return new HarpProxyOptions(listen, tls, timeouts, limits, protocols, transport);
    }
  }
}
