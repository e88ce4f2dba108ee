// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Frames over HTTP/2 with prior knowledge, as blunt as a test needs them. */
final class Http2Client implements AutoCloseable {

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final BlockingQueue<Object> connectionFrames = new LinkedBlockingQueue<>();
  private final Channel connection;

  Http2Client(InetSocketAddress address) {
    connection =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            // A write that fails since the server has closed leaves what it said last to be read.
            .option(ChannelOption.AUTO_CLOSE, false)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forClient()
                                .validateHeaders(false)
                                .encoderIgnoreMaxHeaderListSize(true)
                                .build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                            new ChannelInboundHandlerAdapter() {
                              @Override
                              public void channelRead(ChannelHandlerContext ctx, Object frame) {
                                connectionFrames.add(unpooled(frame));
                              }
                            });
                  }
                })
            .connect(address)
            .syncUninterruptibly()
            .channel();
  }

  /** A frame that nobody has to release. */
  private static Object unpooled(Object frame) {
    if (frame instanceof Http2DataFrame data) {
      var copy = Unpooled.copiedBuffer(data.content());
      data.release();
      return new DefaultHttp2DataFrame(copy, data.isEndStream());
    }
    if (frame instanceof Http2GoAwayFrame goAway) {
      var copy = new DefaultHttp2GoAwayFrame(goAway.errorCode());
      goAway.release();
      return copy;
    }
    return frame;
  }

  Channel connection() {
    return connection;
  }

  private <T> T connectionFrame(Class<T> type) throws InterruptedException {
    return connectionFrame(type, Duration.ofSeconds(30))
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName()));
  }

  /** The next of the type; empty when none of any type comes for so long. */
  private <T> Optional<T> connectionFrame(Class<T> type, Duration patience)
      throws InterruptedException {
    while (true) {
      var frame = connectionFrames.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (frame == null || type.isInstance(frame)) {
        return Optional.ofNullable(type.cast(frame));
      }
      ReferenceCountUtil.release(frame);
    }
  }

  Http2SettingsFrame settings() throws InterruptedException {
    return connectionFrame(Http2SettingsFrame.class);
  }

  Http2GoAwayFrame goAway() throws InterruptedException {
    return connectionFrame(Http2GoAwayFrame.class);
  }

  /** Whether the server reads what was sent before within the time. */
  boolean answersPing(Duration patience) throws InterruptedException {
    connection.writeAndFlush(new DefaultHttp2PingFrame(0));
    return connectionFrame(Http2PingFrame.class, patience).isPresent();
  }

  static Http2Headers get(String path) {
    return request("GET", path);
  }

  static Http2Headers request(String method, String path) {
    return new DefaultHttp2Headers(false)
        .method(method)
        .scheme("http")
        .authority("cloud.example")
        .path(path);
  }

  Stream open(Http2Headers headers, boolean end) {
    var frames = new LinkedBlockingQueue<Object>();
    var channel =
        new Http2StreamChannelBootstrap(connection)
            .handler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext ctx, Object frame) {
                    frames.add(unpooled(frame));
                  }

                  @Override
                  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    if (event instanceof Http2ResetFrame) {
                      frames.add(event);
                    }
                  }
                })
            .open()
            .syncUninterruptibly()
            .getNow();
    channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, end)).syncUninterruptibly();
    return new Stream(channel, frames);
  }

  /** One request. */
  record Stream(Channel channel, BlockingQueue<Object> frames) {

    Stream data(String text, boolean end) {
      channel.writeAndFlush(
          new DefaultHttp2DataFrame(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), end));
      return this;
    }

    Stream trailers(String name, String value) {
      var headers = new DefaultHttp2Headers(false).add(name, value);
      channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, true));
      return this;
    }

    void reset() {
      channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
    }

    Object next() throws InterruptedException {
      var frame = frames.poll(30, TimeUnit.SECONDS);
      if (frame == null) {
        throw new AssertionError("no further frame");
      }
      return frame;
    }

    Http2HeadersFrame headers() throws InterruptedException {
      return (Http2HeadersFrame) next();
    }

    Http2ResetFrame resetFrame() throws InterruptedException {
      while (true) {
        var frame = next();
        if (frame instanceof Http2ResetFrame reset) {
          return reset;
        }
        ReferenceCountUtil.release(frame);
      }
    }

    /** DATA until at least so many bytes have come. */
    String data(int length) throws InterruptedException {
      var text = new StringBuilder();
      while (text.length() < length) {
        var data = (Http2DataFrame) next();
        text.append(data.content().toString(StandardCharsets.ISO_8859_1));
        data.release();
      }
      return text.toString();
    }

    /** DATA until the end of the stream. */
    String rest() throws InterruptedException {
      var text = new StringBuilder();
      while (true) {
        var frame = next();
        if (frame instanceof Http2DataFrame data) {
          text.append(data.content().toString(StandardCharsets.ISO_8859_1));
          boolean isEnd = data.isEndStream();
          data.release();
          if (isEnd) {
            return text.toString();
          }
        } else if (frame instanceof Http2HeadersFrame trailers && trailers.isEndStream()) {
          return text + "|" + trailers.headers();
        } else {
          throw new AssertionError("unexpected " + frame);
        }
      }
    }
  }

  /** Ends the connection without a word. */
  void reset() {
    connection.config().setOption(ChannelOption.SO_LINGER, 0);
    connection.close().syncUninterruptibly();
  }

  @Override
  public void close() {
    connection.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
