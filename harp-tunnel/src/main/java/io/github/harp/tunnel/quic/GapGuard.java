// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Bounds what clients make us keep by leaving bytes out. What comes behind a gap QUIC's library
 * keeps until the gap is filled, up to the windows of all streams, and tells nobody; {@link
 * UnreadStreams} sees how much it must be. Whoever has too much of it loses most of his datagrams,
 * as on a line that is full: who is honest sends what is missing again, and more slowly. Who has
 * kept gaps open for long is cut off. The same is done to those whose readers stand still and keep
 * more than their part when there is no room, which nobody else can stop from reading.
 *
 * <p>And of strangers it bounds what their handshakes bring: the library takes 64 KiB of
 * certificates, and has 150 KB of memory for them until it has seen the last byte.
 *
 * <p>A client is an address with a port. On the event loop of the socket.
 */
final class GapGuard extends ChannelInboundHandlerAdapter {

  /** Arrive between looks at what they became. */
  private static final int LOOK_BYTES = 64 << 10;

  /** The same of a client that has too much. */
  private static final int CLOSE_LOOK_BYTES = 4 << 10;

  /** What a reader is about to take that waited until now does not count yet. */
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Of so many datagrams one comes through. */
  private static final int ONE_OF = 4;

  /** May always be missing: what has just come and waits for its turn. */
  private static final long LITTLE = 256 << 10;

  /** The same when memory is short. */
  private static final long LEAST = 16 << 10;

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Before that those who stand still are reset, which should be enough. */
  private static final long PATIENCE_FOR_READERS_NANOS = 2 * PATIENCE_NANOS;

  /** Bytes of the datagrams of one connection's handshake, those that come twice included. */
  static final int MOST_OF_HANDSHAKE = 16 << 10;

  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** What lies here of one connection. */
  interface Kept {

    /** A datagram has come, and was handed on if it brought anything that somebody waits for. */
    void arrived(int datagramBytes);

    /** Whether readers that stand still have others' memory, too. */
    boolean hasMoreThanItsPart();

    /** Sees what has arrived until now. */
    void look();

    /** Bytes that are kept behind some that have not come, as of the last look. */
    long behindGaps();

    /** Ends the connection, and tells its client why. */
    void cutOff();

    /** Too much has come of its handshake: ends the connection unless that is done. */
    void refuseHandshake();
  }

  private final long most;
  private final Ticker ticker;
  private final Map<InetSocketAddress, Client> clients = new HashMap<>();
  private long total;
  private long sweptNanos;

  /**
   * @param most bytes behind gaps of all clients
   */
  GapGuard(long most, Ticker ticker) {
    this.most = most;
    this.ticker = ticker;
    this.sweptNanos = ticker.nanoTime();
  }

  /** Counts what comes over one more connection from there, until its end. */
  void watch(InetSocketAddress address, Kept kept, Future<?> end) {
    var client = clients.computeIfAbsent(address, first -> new Client());
    var watched = new Watched(kept, ticker.nanoTime());
    client.connections.add(watched);
    end.addListener(
        ended -> {
          client.connections.remove(watched);
          client.handshakeBytes = Math.max(0, client.handshakeBytes - MOST_OF_HANDSHAKE);
          total -= watched.gaps;
          if (client.connections.isEmpty()) {
            clients.remove(address, client);
          }
        });
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof DatagramPacket datagram) {
      var bytes = datagram.content().readableBytes();
      var client = clients.get(datagram.sender());
      if (client == null && !QuicListener.LongPackets.goOn(datagram.content())) {
        ctx.fireChannelRead(message);
      } else if (client != null && client.takes(datagram.content())) {
        ctx.fireChannelRead(message);
        client.connections.forEach(connection -> connection.kept.arrived(bytes));
      } else {
        datagram.release();
      }
    } else {
      ctx.fireChannelRead(message);
    }
  }

  private boolean isShort() {
    return total > most;
  }

  private long part() {
    return isShort() ? Math.max(LEAST, most / Math.max(1, clients.size())) : most / 2;
  }

  private void sweep() {
    var now = ticker.nanoTime();
    if (now - sweptNanos < SWEEP_NANOS) {
      return;
    }
    sweptNanos = now;
    var stale = new ArrayList<Kept>();
    clients.values().forEach(client -> client.lookForStale(now, stale));
    stale.forEach(Kept::cutOff);
  }

  private final class Client {

    private final List<Watched> connections = new ArrayList<>(1);
    private int unseen;
    private int handshakeBytes;
    private int refused;
    private boolean hasTooMuch;
    private boolean isRefused;
    private long sinceNanos;

    private boolean takes(ByteBuf datagram) {
      if (QuicListener.LongPackets.areIn(datagram) && !takesHandshake(datagram)) {
        return false;
      }
      unseen += datagram.readableBytes();
      if (unseen >= (hasTooMuch ? CLOSE_LOOK_BYTES : LOOK_BYTES)) {
        unseen = 0;
        look(ticker.nanoTime());
      }
      return !isRefused || ++refused % ONE_OF == 0;
    }

    private boolean takesHandshake(ByteBuf datagram) {
      var most = connections.size() * MOST_OF_HANDSHAKE;
      if (handshakeBytes > most) {
        return false;
      }
      handshakeBytes += datagram.readableBytes();
      if (handshakeBytes > most) {
        connections.get(connections.size() - 1).kept.refuseHandshake();
        return false;
      }
      return true;
    }

    private void look(long now) {
      long gaps = 0;
      var hasOthersPart = false;
      for (var connection : connections) {
        connection.look(now);
        gaps += connection.gaps;
        hasOthersPart |= connection.hasOthersPart;
      }
      if (!hasTooMuch) {
        sinceNanos = now;
      }
      hasTooMuch = gaps > part() || hasOthersPart;
      isRefused = hasTooMuch && now - sinceNanos >= GRACE_NANOS;
      if (isRefused) {
        sweep();
      }
    }

    private void lookForStale(long now, List<Kept> stale) {
      for (var connection : connections) {
        connection.look(now);
        if (connection.isStale(now)) {
          stale.add(connection.kept);
        }
      }
    }
  }

  private final class Watched {

    private final Kept kept;
    private long gaps;

    private boolean hasOthersPart;

    /** When it last had next to nothing behind gaps. */
    private long littleNanos;

    /** When its readers last had no more than its part. */
    private long partNanos;

    Watched(Kept kept, long now) {
      this.kept = kept;
      this.littleNanos = now;
      this.partNanos = now;
    }

    private void look(long now) {
      kept.look();
      var before = gaps;
      gaps = kept.behindGaps();
      total += gaps - before;
      if (Math.min(before, gaps) <= Math.min(LITTLE, part() / 2)) {
        littleNanos = now;
      }
      var hadOthersPart = hasOthersPart;
      hasOthersPart = kept.hasMoreThanItsPart();
      if (!hadOthersPart || !hasOthersPart) {
        partNanos = now;
      }
    }

    private boolean isStale(long now) {
      return now - littleNanos >= PATIENCE_NANOS && gaps > (isShort() ? 0 : most / 2)
          || now - partNanos >= PATIENCE_FOR_READERS_NANOS;
    }
  }
}
