// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.carrier.Carrier;
import io.github.harp.tunnel.carrier.YamuxCarrier;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way to one other server: a connection that is made when somebody wants to go there, and made
 * again when it was lost. All but {@link #dial} and {@link #status} is called on its event loop.
 */
final class Link {

  private static final int MAX_WAITING = 4_096;

  /** Below what a yamux session has waiting for the other side's acknowledgement. */
  private static final int MAX_UNANSWERED = 128;

  private static final int MAX_ADDRESSES = 4;

  private final LinkedNode node;
  private final LinkOptions options;
  private final YamuxSession.Options session;
  private final EventLoop loop;
  private final Deque<Departure> waiting = new ArrayDeque<>();
  private @Nullable Carrier carrier;
  private boolean connecting;
  private int unanswered;
  private volatile int streams;
  private volatile boolean connected;
  private volatile String trouble = "";

  Link(LinkedNode node, LinkOptions options, YamuxSession.Options session) {
    this.node = node;
    this.options = options;
    this.session = session;
    this.loop = options.loops().workers().next();
  }

  /** From any thread. */
  Future<Channel> dial(String destination, EventLoop forLoop) {
    var departure =
        new Departure(
            destination, forLoop, options.times().answer(), session.heldBytes(), this::answered);
    loop.execute(() -> begin(departure));
    return departure.connected();
  }

  LinkStatus status() {
    return new LinkStatus(node.name(), connected, streams, trouble);
  }

  void close() {
    if (carrier != null) {
      carrier.close();
    }
  }

  private void begin(Departure departure) {
    unanswered++;
    if (waiting.size() >= MAX_WAITING) {
      departure.fail(
          new TunnelException(
              Code.LIMIT_REACHED, waiting.size() + " wait for the link to " + node + " already"));
      return;
    }
    waiting.add(departure);
    if (carrier != null) {
      openNext();
    } else if (!connecting) {
      connect();
    }
  }

  private void answered() {
    unanswered--;
    openNext();
  }

  /** As many at a time as may be without an answer. */
  private void openNext() {
    var through = carrier;
    while (through != null && !waiting.isEmpty() && unanswered - waiting.size() < MAX_UNANSWERED) {
      var departure = waiting.remove();
      if (departure.isWanted()) {
        streams++;
        through
            .openStream(departure)
            .addListener((Future<Channel> opened) -> opened(opened, departure));
      } else {
        unanswered--;
      }
    }
  }

  private void opened(Future<Channel> opened, Departure departure) {
    if (opened.isSuccess()) {
      opened.getNow().closeFuture().addListener(closed -> streams--);
    } else {
      streams--;
      departure.fail(opened.cause());
    }
  }

  // ---- the connection

  private void connect() {
    connecting = true;
    node.addresses()
        .get()
        .whenCompleteAsync(
            (addresses, failure) -> {
              if (failure != null) {
                failed(failure);
              } else if (addresses.isEmpty()) {
                failed(new TunnelException(Code.CLOSED, "it has no address"));
              } else {
                var some = addresses.subList(0, Math.min(addresses.size(), MAX_ADDRESSES));
                inTurn(some.iterator(), some.size());
              }
            },
            loop);
  }

  private void inTurn(Iterator<InetSocketAddress> addresses, int count) {
    var patience = (int) options.times().connect().toMillis() / count;
    new Bootstrap()
        .group(loop)
        .channel(options.tcpChannel())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, patience)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .attr(ErrorAlarm.LISTENER, options.onFatalError())
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                var tls = options.certificates().dialling(node.name(), channel.alloc());
                tls.setHandshakeTimeoutMillis(patience);
                channel.pipeline().addLast(tls);
              }
            })
        .connect(addresses.next())
        .addListener(
            (ChannelFuture tried) -> {
              if (tried.isSuccess()) {
                secure(tried.channel());
              } else if (addresses.hasNext()) {
                inTurn(addresses, count);
              } else {
                failed(tried.cause());
              }
            });
  }

  private void secure(Channel connection) {
    connection
        .pipeline()
        .get(SslHandler.class)
        .handshakeFuture()
        .addListener(
            handshake -> {
              if (handshake.isSuccess()) {
                carry(connection);
              } else {
                // Closed with it.
                failed(handshake.cause());
              }
            });
  }

  private void carry(Channel connection) {
    connecting = false;
    connected = true;
    trouble = "";
    carrier = YamuxCarrier.client(connection, session);
    connection.closeFuture().addListener(closed -> lost());
    openNext();
  }

  private void lost() {
    carrier = null;
    connected = false;
    if (!waiting.isEmpty() && !connecting) {
      connect();
    }
  }

  private void failed(Throwable cause) {
    connecting = false;
    trouble = String.valueOf(cause.getMessage());
    var failure =
        new TunnelException(Code.CLOSED, "no link to node " + node + ": " + trouble, cause);
    var left = List.copyOf(waiting);
    waiting.clear();
    left.forEach(departure -> departure.fail(failure));
  }
}
