// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.carrier.Carrier;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.Reset;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One QUIC connection for all streams, each of which is one of QUIC's own. */
public final class QuicCarrier extends Carrier {

  private static final AttributeKey<QuicCarrier> CARRIER =
      AttributeKey.valueOf(QuicCarrier.class, "carrier");

  private static final long LOOK_SECONDS = 5;

  /** frp's clients say at once what a stream is for. */
  private static final int MOST_IDLE = 256;

  private final QuicChannel connection;
  private final @Nullable ChannelHandler onStream;
  private final HeldBytes heldBytes;
  private final UnreadStreams unread;
  private int mostStreams;
  private int streams;
  private boolean raised;
  private volatile Optional<Duration> roundTrip = Optional.empty();

  private QuicCarrier(
      QuicChannel connection,
      int mostStreams,
      HeldBytes heldBytes,
      @Nullable ChannelHandler onStream) {
    super(connection, true);
    this.connection = connection;
    this.mostStreams = mostStreams;
    this.onStream = onStream;
    this.heldBytes = heldBytes;
    this.unread = new UnreadStreams(connection, heldBytes);
    connection.attr(CARRIER).set(this);
    var looks =
        connection.eventLoop().scheduleAtFixedRate(this::look, 1, LOOK_SECONDS, TimeUnit.SECONDS);
    connection.closeFuture().addListener(closed -> looks.cancel(false));
  }

  /**
   * The side that opens streams.
   *
   * @param connection one of QUIC
   */
  public static QuicCarrier client(Channel connection, int mostStreams, HeldBytes heldBytes) {
    return new QuicCarrier((QuicChannel) connection, mostStreams, heldBytes, null);
  }

  /**
   * @param connection one of QUIC
   * @param onStream initialises each stream of the client; must be sharable
   */
  public static QuicCarrier server(
      Channel connection, int mostStreams, HeldBytes heldBytes, ChannelHandler onStream) {
    return new QuicCarrier((QuicChannel) connection, mostStreams, heldBytes, onStream);
  }

  /** What lies here of a connection that has a carrier. */
  static Optional<UnreadStreams> unreadOf(Channel connection) {
    return Optional.ofNullable(connection.attr(CARRIER).get()).map(carrier -> carrier.unread);
  }

  /** Initialises what peers open, on connections that have a carrier. */
  static ChannelHandler streamsOfPeers() {
    return new StreamsOfPeers();
  }

  @Sharable
  private static final class StreamsOfPeers extends ChannelInitializer<QuicStreamChannel> {

    @Override
    protected void initChannel(QuicStreamChannel stream) {
      var carrier = stream.parent().attr(CARRIER).get();
      if (carrier == null || carrier.onStream == null) {
        stream.close();
      } else {
        carrier.accept(stream, carrier.onStream);
      }
    }
  }

  /**
   * More than its login needs no client opens before it is known: so one is none. Nor is one that
   * has very many on which it says nothing; what it costs to end each by itself grows with them.
   */
  private void accept(QuicStreamChannel stream, ChannelHandler handler) {
    if (heldBytes.idle().countOf(connection) >= MOST_IDLE) {
      close();
    } else if (streams < mostStreams) {
      heldBytes.idle().add(stream, () -> Reset.of(stream));
      stream.closeFuture().addListener(closed -> heldBytes.idle().remove(stream));
      begin(stream, handler);
    } else if (raised) {
      stream.pipeline().addLast(new QuicStreamEnd(unread::handedOn));
      Reset.of(stream);
    } else {
      close();
    }
  }

  private void begin(QuicStreamChannel stream, ChannelHandler handler) {
    streams++;
    stream.closeFuture().addListener(closed -> streams--);
    stream.pipeline().addLast(new QuicStreamEnd(unread::handedOn), unread.of(stream), handler);
  }

  @Override
  public Future<Channel> openStream(ChannelHandler handler) {
    Promise<Channel> opened = connection.eventLoop().newPromise();
    if (connection.eventLoop().inEventLoop()) {
      open(handler, opened);
    } else {
      connection.eventLoop().execute(() -> open(handler, opened));
    }
    return opened;
  }

  private void open(ChannelHandler handler, Promise<Channel> opened) {
    if (onStream != null || !connection.isActive()) {
      opened.setFailure(
          new TunnelException(Code.CLOSED, "no stream can be opened: the connection is closed"));
    } else if (streams >= mostStreams) {
      opened.setFailure(
          new TunnelException(
              Code.LIMIT_REACHED, "no stream can be opened: " + mostStreams + " are open"));
    } else {
      connection
          .createStream(
              QuicStreamType.BIDIRECTIONAL,
              new ChannelInitializer<QuicStreamChannel>() {
                @Override
                protected void initChannel(QuicStreamChannel stream) {
                  begin(stream, handler);
                }
              })
          .addListener(
              (Future<QuicStreamChannel> created) -> {
                if (created.isSuccess()) {
                  opened.setSuccess(created.getNow());
                } else {
                  opened.setFailure(created.cause());
                }
              });
    }
  }

  @Override
  public void limitStreams(int most) {
    mostStreams = most;
    raised = true;
  }

  @Override
  public Future<Boolean> probe(Duration patience) {
    return connection
        .pipeline()
        .get(SignsOfLife.class)
        .ask(connection, patience)
        .addListener(
            (Future<Boolean> alive) -> {
              if (!alive.getNow()) {
                close();
              }
            });
  }

  @Override
  public boolean isMultiplexed() {
    return true;
  }

  @Override
  public String transport() {
    return "QUIC";
  }

  private void look() {
    connection
        .collectPathStats(0)
        .addListener(
            (Future<QuicConnectionPathStats> looked) -> {
              if (looked.isSuccess()) {
                var rtt = Duration.of(looked.getNow().rtt(), ChronoUnit.NANOS);
                roundTrip = Optional.of(rtt);
              }
            });
  }

  @Override
  public Optional<Duration> roundTrip() {
    return roundTrip;
  }
}
