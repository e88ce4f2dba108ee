// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.frp.ClientMessage.NewProxy;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.Message.LoginResp;
import io.github.harp.tunnel.frp.Message.NewVisitorConnResp;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.OpeningMessage.ClientSpec;
import io.github.harp.tunnel.frp.OpeningMessage.Login;
import io.github.harp.tunnel.frp.OpeningMessage.NewWorkConn;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.ServerMessage.NewProxyResp;
import io.github.harp.tunnel.frp.V1Codec;
import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A client of frp that does exactly what the test says, right or wrong. */
final class FrpPeer implements AutoCloseable {

  private static final long NOW = 1_700_000_000L;
  private static final long PATIENCE_SECONDS = 30;

  private final InetSocketAddress server;
  private final EventLoopGroup loops;
  private final YamuxSession session;
  private Channel connection;
  private Stream control;
  private volatile String runId = "";
  private byte[] announcement = new byte[0];
  private Class<? extends Message> requestType = LoginResp.class;
  private Runnable onRequest = () -> {};

  private FrpPeer(InetSocketAddress server, EventLoopGroup loops, boolean multiplexed) {
    this.server = server;
    this.loops = loops;
    this.session = multiplexed ? YamuxSession.client(new YamuxSession.Options()) : null;
  }

  /** A client that multiplexes its streams. */
  static FrpPeer connect(InetSocketAddress server, EventLoopGroup loops) {
    FrpPeer peer = new FrpPeer(server, loops, true);
    peer.connection = peer.open(peer.session);
    return peer;
  }

  /** A client that opens one TCP connection per stream. */
  static FrpPeer withoutMux(InetSocketAddress server, EventLoopGroup loops) {
    return new FrpPeer(server, loops, false);
  }

  private Channel open(ChannelInboundHandlerAdapter handler) {
    return new Bootstrap()
        .group(loops)
        .channel(NioSocketChannel.class)
        .handler(handler)
        .connect(server)
        .syncUninterruptibly()
        .channel();
  }

  /** Its next connection begins with these bytes, as those of a balancer do. */
  FrpPeer announced(byte[] header) {
    announcement = header;
    return this;
  }

  Stream openStream() throws Exception {
    Stream stream = new Stream();
    if (session == null) {
      stream.channel = open(stream.initializer());
      stream.sendRaw(announcement);
      announcement = new byte[0];
    } else {
      stream.channel =
          session.openStream(stream.initializer()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    return stream;
  }

  /** Sends a login, changed as the test likes, and gives the answer. */
  LoginResp login(String token, UnaryOperator<Login> change) throws Exception {
    sendLogin(token, change);
    LoginResp answer = control.expect(LoginResp.class);
    if (answer.error().isEmpty()) {
      runId = answer.runId();
    }
    return answer;
  }

  /** Sends a login and does not wait for the answer. */
  void sendLogin(String token) throws Exception {
    sendLogin(token, login -> login);
  }

  private void sendLogin(String token, UnaryOperator<Login> change) throws Exception {
    control = openStream();
    Login login =
        new Login(
            "0.61.1",
            "",
            "linux",
            "amd64",
            "",
            PrivilegeKey.of("", NOW),
            NOW,
            runId,
            "",
            Map.of("token", token),
            ClientSpec.NONE,
            1);
    control.send(change.apply(login));
  }

  LoginResp login(String token) throws Exception {
    return login(token, login -> login);
  }

  FrpPeer loggedIn(String token) throws Exception {
    assertThat(login(token).error()).isEmpty();
    return this;
  }

  NewProxyResp propose(NewProxy proxy) throws Exception {
    control.send(proxy);
    return control.expectNext(NewProxyResp.class);
  }

  FrpPeer withTcp(String name, int port) throws Exception {
    assertThat(propose(NewProxy.tcp(name, port, false, false)).error()).isEmpty();
    return this;
  }

  Stream openWork() throws Exception {
    Stream work = openStream();
    work.send(NewWorkConn.of(runId));
    return work;
  }

  /** Does something whenever a message of this type arrives on the control connection. */
  void onRequest(Class<? extends Message> type, Runnable action) {
    requestType = type;
    onRequest = action;
  }

  /** Opens a stream that says this and then carries payload for the handler. */
  void openStreamInBackground(Message first, ChannelInboundHandlerAdapter handler) {
    session.openStream(
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel stream) {
            stream.pipeline().addLast(new V1Codec(), new PayloadAfterStart(), handler);
            stream.eventLoop().execute(() -> stream.writeAndFlush(first));
          }
        });
  }

  private static final class PayloadAfterStart extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof StartWorkConn) {
        ctx.pipeline().get(MessageCodec.class).handOver();
      } else {
        ctx.fireChannelRead(msg);
      }
    }
  }

  Stream control() {
    return control;
  }

  String runId() {
    return runId;
  }

  FrpPeer withRunId(String id) {
    runId = id;
    return this;
  }

  Channel connection() {
    return connection;
  }

  /** Breaks the connection as a process that is killed with bytes unread does. */
  void reset() {
    connection.config().setOption(ChannelOption.SO_LINGER, 0);
    connection.close();
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.close().syncUninterruptibly();
    }
    if (control != null) {
      control.channel.close().syncUninterruptibly();
    }
  }

  /** One stream, read by hand. */
  final class Stream extends ChannelInboundHandlerAdapter {

    private static final Object END = new Object();

    private final BlockingQueue<Object> inbox = new LinkedBlockingQueue<>();
    private Channel channel;

    private ChannelInitializer<Channel> initializer() {
      return new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel stream) {
          stream.pipeline().addLast(new V1Codec(), Stream.this);
        }
      };
    }

    Channel channel() {
      return channel;
    }

    Stream send(Message message) {
      channel.writeAndFlush(message);
      return this;
    }

    Stream sendBytes(String text) {
      channel.writeAndFlush(ByteBufUtil.writeUtf8(channel.alloc(), text));
      return this;
    }

    Stream sendRaw(byte[] bytes) {
      channel.pipeline().firstContext().writeAndFlush(Unpooled.wrappedBuffer(bytes));
      return this;
    }

    /** What comes next, which must be this. */
    <T> T expect(Class<T> type) throws Exception {
      return type.cast(next());
    }

    /** The next of this type; others before it are skipped. */
    <T> T expectNext(Class<T> type) throws Exception {
      Object received = next();
      while (!type.isInstance(received)) {
        assertThat(received).as("instead of " + type.getSimpleName()).isNotSameAs(END);
        received = next();
      }
      return type.cast(received);
    }

    String expectBytes() throws Exception {
      return expect(String.class);
    }

    void expectEnd() throws Exception {
      Object received = next();
      while (received != END) {
        received = next();
      }
    }

    boolean isOpen() {
      return channel.isOpen();
    }

    /** Whether something has come that was not expected yet. */
    boolean isAnswered() {
      return !inbox.isEmpty();
    }

    private Object next() throws Exception {
      Object received = inbox.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(received).as("something from the server").isNotNull();
      return received;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof ByteBuf bytes) {
        inbox.add(bytes.toString(StandardCharsets.UTF_8));
        bytes.release();
        return;
      }
      inbox.add(msg);
      if (msg instanceof LoginResp answer) {
        runId = answer.runId();
      }
      if (requestType.isInstance(msg)) {
        onRequest.run();
      }
      if (msg instanceof LoginResp answer && answer.error().isEmpty()) {
        ctx.pipeline().get(MessageCodec.class).encrypt("");
      } else if (msg instanceof StartWorkConn || msg instanceof NewVisitorConnResp) {
        ctx.pipeline().get(MessageCodec.class).handOver();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      inbox.add(END);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
