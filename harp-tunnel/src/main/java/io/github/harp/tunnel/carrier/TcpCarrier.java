// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection for each stream: that which the carrier was made with is the first, and all end
 * with it. A server has a carrier for each connection, since nothing but what clients say in them
 * tells whose they are.
 */
public final class TcpCarrier extends Carrier {

  private final @Nullable Supplier<Future<Channel>> dialler;
  private final Set<Channel> others = new HashSet<>(0);
  private boolean firstIsTaken;
  private int dialling;
  private int mostStreams;

  private TcpCarrier(Channel first, int mostStreams, @Nullable Supplier<Future<Channel>> dialler) {
    super(first);
    this.mostStreams = mostStreams;
    this.dialler = dialler;
    first.closeFuture().addListener(closed -> List.copyOf(others).forEach(Channel::close));
  }

  /**
   * The side that opens streams.
   *
   * @param dialler makes the connections for further streams, on the event loop of the first
   */
  public static TcpCarrier client(
      Channel first, int mostStreams, Supplier<Future<Channel>> dialler) {
    return new TcpCarrier(first, mostStreams, dialler);
  }

  /**
   * @param onStream initialises the stream of the client
   */
  public static TcpCarrier server(Channel connection, ChannelHandler onStream) {
    connection.pipeline().addLast(onStream);
    return new TcpCarrier(connection, 1, null);
  }

  @Override
  public Future<Channel> openStream(ChannelHandler handler) {
    Promise<Channel> opened = connection().eventLoop().newPromise();
    if (connection().eventLoop().inEventLoop()) {
      open(handler, opened);
    } else {
      connection().eventLoop().execute(() -> open(handler, opened));
    }
    return opened;
  }

  private void open(ChannelHandler handler, Promise<Channel> opened) {
    if (dialler == null || !connection().isActive()) {
      opened.setFailure(isClosed());
    } else if (!firstIsTaken) {
      firstIsTaken = true;
      begin(connection(), handler, opened);
    } else if (1 + others.size() + dialling >= mostStreams) {
      opened.setFailure(
          new TunnelException(
              Code.LIMIT_REACHED, "no stream can be opened: " + mostStreams + " are open"));
    } else {
      dialling++;
      dialler.get().addListener((Future<Channel> dialled) -> dialled(dialled, handler, opened));
    }
  }

  private void dialled(Future<Channel> dialled, ChannelHandler handler, Promise<Channel> opened) {
    dialling--;
    if (!dialled.isSuccess()) {
      opened.setFailure(dialled.cause());
    } else if (!connection().isActive()) {
      dialled.getNow().close();
      opened.setFailure(isClosed());
    } else {
      Channel stream = dialled.getNow();
      others.add(stream);
      stream.closeFuture().addListener(closed -> others.remove(stream));
      begin(stream, handler, opened);
    }
  }

  private static TunnelException isClosed() {
    return new TunnelException(Code.CLOSED, "no stream can be opened: the connection is closed");
  }

  private static void begin(Channel stream, ChannelHandler handler, Promise<Channel> opened) {
    stream.pipeline().addLast(handler);
    opened.setSuccess(stream);
  }

  @Override
  public void limitStreams(int most) {
    mostStreams = most;
  }

  @Override
  public Future<Boolean> probe(Duration patience) {
    return connection().eventLoop().newSucceededFuture(true);
  }

  @Override
  public boolean isMultiplexed() {
    return false;
  }
}
