// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.harp.core.HarpException;
import io.github.harp.proxy.loop.FatalErrors;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops accepting while there are too many client connections; more wait in the backlog. The last
 * of them are a reserve for callers with the key: until others have gone, which those are made to
 * that idle, whoever comes there and has no key gets no answer but that. Sits in the pipelines of
 * all listeners.
 */
@Sharable
public final class ConnectionLimit extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimit.class);

  private static final long PAUSE_MILLIS = 1_000;
  private static final int MAX_RESERVE = 512;
  private static final int SHARE_OF_RESERVE = 16;
  private static final long MAKE_ROOM_AGAIN_MILLIS = 250;
  private static final AttributeKey<Boolean> ON_RESERVE =
      AttributeKey.valueOf(ConnectionLimit.class, "reserve");

  /** Peers that have shown the key themselves, not through a proxy: they need no reserve. */
  private static final int MAX_KEYED_PEERS = 256;

  private static final Duration KEYED_FOR = Duration.ofHours(1);

  private final int limit;
  private final FatalErrors errors;
  private final int reserve;
  private final DoubleConsumer roomMaker;
  private final Cache<InetAddress, Boolean> keyedPeers =
      Caffeine.newBuilder().maximumSize(MAX_KEYED_PEERS).expireAfterWrite(KEYED_FOR).build();
  private final AtomicBoolean makingRoom = new AtomicBoolean();
  private final AtomicInteger open = new AtomicInteger();
  private final List<Channel> listeners = new CopyOnWriteArrayList<>();

  /**
   * @param roomMaker asked, again and again, to close that share of connections, if so many idle
   */
  public ConnectionLimit(int limit, FatalErrors errors, DoubleConsumer roomMaker) {
    this.reserve = Math.min(MAX_RESERVE, limit / SHARE_OF_RESERVE);
    this.roomMaker = roomMaker;
    this.limit = limit;
    this.errors = errors;
  }

  public int open() {
    return open.get();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    listeners.add(ctx.channel());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object accepted) {
    var channel = (Channel) accepted;
    int now = open.incrementAndGet();
    channel.closeFuture().addListener(closed -> closed());
    if (now == limit) {
      LOG.warn("{} client connections are open, which is the limit: more have to wait", limit);
    }
    if (reserve > 0 && now > limit - reserve) {
      crowded(channel, ctx.channel().eventLoop());
    }
    if (now >= limit) {
      listeners.forEach(listener -> listener.config().setAutoRead(false));
    }
    ctx.fireChannelRead(accepted);
  }

  private void crowded(Channel accepted, EventLoop loop) {
    if (!(accepted.remoteAddress() instanceof InetSocketAddress peer)
        || keyedPeers.getIfPresent(peer.getAddress()) == null) {
      accepted.attr(ON_RESERVE).set(true);
    }
    if (makingRoom.compareAndSet(false, true)) {
      LOG.warn("{} client connections are open: those that idle are closed", open.get());
      makeRoom(loop);
    }
  }

  private void makeRoom(EventLoop loop) {
    int now = open.get();
    int excess = now - (limit - reserve);
    if (excess < 0) {
      makingRoom.set(false);
      return;
    }
    // Else the next one who comes is the first on the reserve again, and refused.
    roomMaker.accept((excess + reserve) / (double) now);
    loop.schedule(() -> makeRoom(loop), MAKE_ROOM_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Whether only callers with the key are served on it. */
  static boolean isOnReserve(Channel channel) {
    return channel.hasAttr(ON_RESERVE);
  }

  /** This peer has shown the key, without a proxy in between. */
  void keyed(InetAddress peer) {
    keyedPeers.put(peer, true);
  }

  private void closed() {
    if (open.decrementAndGet() == limit - 1) {
      listeners.forEach(listener -> listener.config().setAutoRead(true));
    }
  }

  /** Such as too many open files: a line for each pause. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    errors.look(cause);
    if (!(cause instanceof IOException)) {
      ctx.fireExceptionCaught(cause);
      return;
    }
    var listener = ctx.channel();
    if (listener.config().isAutoRead()) {
      var reason = HarpException.reasonOf(cause);
      LOG.warn("{} accepts nobody for a second: {}", listener.localAddress(), reason);
      listener.config().setAutoRead(false);
      listener.eventLoop().schedule(() -> goOn(listener), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void goOn(Channel listener) {
    if (open.get() < limit) {
      listener.config().setAutoRead(true);
    }
  }
}
