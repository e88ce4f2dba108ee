// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.client.TunnelClientOptions.Retries;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.OpeningMessage;
import io.github.harp.tunnel.frp.v2.WireDetector;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server without multiplexing that does exactly what a test tells it, right or wrong. */
final class ScriptedServer implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 30;

  static final Retries RETRIES =
      new Retries(Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofSeconds(30));

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final BlockingQueue<Peer> accepted = new LinkedBlockingQueue<>();
  private final Channel listener;

  ScriptedServer() throws InterruptedException {
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    var peer = new Peer(channel);
                    channel.pipeline().addLast(new WireDetector(10_240), peer);
                    accepted.add(peer);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
  }

  /** Options of a client that dials here and is quick to try again. */
  TunnelClientOptions.Builder options() {
    return options("127.0.0.1");
  }

  TunnelClientOptions.Builder options(String name) {
    return TunnelClientOptions.to(name, ((InetSocketAddress) listener.localAddress()).getPort())
        .tcpMux(false)
        .withoutHeartbeat()
        .retries(RETRIES);
  }

  /** The next connection of a client. */
  Peer accept() throws InterruptedException {
    var peer = accepted.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(peer).as("another connection").isNotNull();
    return peer;
  }

  /** The next connection, on which the client has logged in as this run_id. */
  Peer acceptLogin(String runId) throws InterruptedException {
    var peer = accept();
    peer.expect(OpeningMessage.Login.class);
    peer.answerLogin(runId);
    return peer;
  }

  boolean hasAnotherConnection() {
    return !accepted.isEmpty();
  }

  @Override
  public void close() {
    listener.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** One connection of a client. */
  static final class Peer extends ChannelInboundHandlerAdapter {

    private final Channel channel;
    private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();

    private Peer(Channel channel) {
      this.channel = channel;
    }

    <T extends Message> T expect(Class<T> type) throws InterruptedException {
      var message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(message).isInstanceOf(type);
      return type.cast(message);
    }

    /** Payload until this much has come. */
    String expectPayload(int bytes) throws InterruptedException {
      var text = new StringBuilder();
      while (text.length() < bytes) {
        var part = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(part).isInstanceOf(String.class);
        text.append(part);
      }
      return text.toString();
    }

    void send(Message message) {
      channel.writeAndFlush(message);
    }

    void sendBytes(String hex) {
      channel
          .pipeline()
          .firstContext()
          .writeAndFlush(Unpooled.wrappedBuffer(java.util.HexFormat.of().parseHex(hex)));
    }

    void sendPayload(String text) {
      channel.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }

    void answerLogin(String runId) {
      channel
          .eventLoop()
          .execute(
              () -> {
                channel.writeAndFlush(new Message.LoginResp("0.61.1", runId, ""));
                channel.pipeline().get(MessageCodec.class).encrypt("");
              });
    }

    /** From now on the connection is payload. */
    void startPayload(String proxyName) {
      channel
          .eventLoop()
          .execute(
              () -> {
                channel.writeAndFlush(
                    new Message.StartWorkConn(
                        proxyName, "203.0.113.7", "127.0.0.1", 50000, 23000, ""));
                channel.pipeline().get(MessageCodec.class).handOver();
              });
    }

    void hangUp() {
      channel.close();
    }

    /** Ends the connection as a crash does. */
    void reset() {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      channel.close();
    }

    void awaitEnd() throws InterruptedException {
      assertThat(channel.closeFuture().await(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .as("closed by the client")
          .isTrue();
    }

    boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof ByteBuf bytes) {
        received.add(bytes.toString(StandardCharsets.UTF_8));
        bytes.release();
      } else {
        received.add(msg);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
