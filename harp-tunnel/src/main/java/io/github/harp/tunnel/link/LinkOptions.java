// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import io.github.harp.tunnel.pki.NodeCertificates;
import io.github.harp.tunnel.server.TunnelLimits;
import io.github.harp.tunnel.server.TunnelServerOptions.Loops;
import io.github.harp.tunnel.yamux.YamuxSession.Pings;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How a server is linked to others.
 *
 * @param address where others dial it
 * @param certificates what it shows them
 * @param loops what it runs on; not shut down with it
 * @param tcpChannel the kind of socket that fits them
 * @param times how long others are waited for
 * @param heldBytes what all its links together may keep for slow readers, at least 1
 * @param onFatalError see {@link io.github.harp.tunnel.server.TunnelServerOptions#onFatalError}
 */
public record LinkOptions(
    InetSocketAddress address,
    NodeCertificates certificates,
    Loops loops,
    Class<? extends Channel> tcpChannel,
    Times times,
    long heldBytes,
    Consumer<Throwable> onFatalError) {

  /** Half of what a tunnel server keeps. */
  public static final long HELD_BYTES = new TunnelLimits().heldBytes() / 2;

  /**
   * How long others are waited for. What is on its way over a link whose other end is gone without
   * a word has failed when a ping and its answer are missed, on both sides. Who dials in and asks
   * for nothing is waited for as long as for a connection and an answer.
   *
   * @param connect for a connection with its handshake
   * @param answer for the answer to what a stream asks for: longer than a tunnel's client may take
   * @param pings how often another one is pinged, and how long it may take to answer
   */
  public record Times(Duration connect, Duration answer, Pings pings) {

    public Times() {
      this(Duration.ofSeconds(3), Duration.ofSeconds(12), new Pings(Duration.ofSeconds(5)));
    }
  }
}
