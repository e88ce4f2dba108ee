// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.stream.Reset;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both ends of a QUIC connection on loopback. */
class QuicPeerTest {

  private static final long SECONDS = 30;

  private final BlockingQueue<Events> accepted = new LinkedBlockingQueue<>();
  private EventLoopGroup loops;
  private Channel listening;
  private Future<QuicPeer> listener;
  private QuicPeer dialled;

  @BeforeEach
  void connect() throws Exception {
    loops = SocketKind.best().newLoops(2, "quic");
    listening = socket();
    listener =
        QuicPeer.listen(
            listening,
            CertificateAuthority.throwAwayServer(Clock.systemUTC()),
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel stream) {
                var events = new Events();
                stream.pipeline().addLast(events);
                accepted.add(events);
              }
            });
    dialled = dial().get(SECONDS, TimeUnit.SECONDS);
    listener.get(SECONDS, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private Future<QuicPeer> dial() {
    return QuicPeer.dial(socket(), (InetSocketAddress) listening.localAddress());
  }

  private Channel socket() {
    return new Bootstrap()
        .group(loops)
        .channel(SocketKind.best().udpChannel())
        .handler(new ChannelInboundHandlerAdapter())
        .bind(InetAddress.getLoopbackAddress(), 0)
        .syncUninterruptibly()
        .channel();
  }

  private Events open() throws Exception {
    var events = new Events();
    dialled.openStream(events).get(SECONDS, TimeUnit.SECONDS);
    return events;
  }

  private Events accept() throws Exception {
    return accepted.poll(SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void bytesPassBothWaysAndTheEndIsTheEnd() throws Exception {
    var here = open();
    here.say("hello");
    var there = accept();
    assertThat(there.next()).isEqualTo("hello");
    there.say("answer");
    assertThat(here.next()).isEqualTo("answer");

    there.channel.close();

    assertThat(here.next()).isEqualTo("end");
  }

  @Test
  void whatIsCutOffDoesNotLookComplete() throws Exception {
    var here = open();
    here.say("hello");
    var there = accept();
    assertThat(there.next()).isEqualTo("hello");
    there.say("half an ans");
    assertThat(here.next()).isEqualTo("half an ans");

    there.channel.eventLoop().execute(() -> Reset.of(there.channel));

    assertThat(here.next()).isEqualTo("failure");
  }

  @Test
  void aConnectionThatEndsBreaksItsStreams() throws Exception {
    var here = open();
    here.say("hello");
    var there = accept();
    assertThat(there.next()).isEqualTo("hello");

    listener.getNow().close();

    assertThat(here.next()).isEqualTo("failure");
    assertThat(dialled.closed().await(SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(listening.closeFuture().await(SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void thereIsOneConnectionOnly() throws Exception {
    var second = dial();

    var here = open();
    here.say("goes on");
    var there = accept();
    assertThat(there.next()).isEqualTo("goes on");
    there.say("and on");
    assertThat(here.next()).isEqualTo("and on");
    assertThat(listening.isOpen()).isTrue();
    assertThat(second.isSuccess()).isFalse();
  }

  @Test
  void whoHasNoQuicIsTold() throws Exception {
    assertThat(QuicSupport.obstacle()).isEmpty();
    try (var without = new WithoutQuic()) {
      var obstacle =
          without.loadClass(QuicSupport.class.getName()).getMethod("obstacle").invoke(null);

      assertThat((Optional<?>) obstacle)
          .hasValueSatisfying(
              text -> assertThat(text.toString()).contains("io.netty:netty-codec-native-quic"));
    }
  }

  /** Everything but Netty's QUIC. */
  private static final class WithoutQuic extends URLClassLoader {

    WithoutQuic() throws IOException {
      super(
          new URL[] {QuicSupport.class.getProtectionDomain().getCodeSource().getLocation()},
          QuicSupport.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("io.netty.handler.codec.quic.")) {
        throw new ClassNotFoundException(name);
      }
      return name.equals(QuicSupport.class.getName())
          ? findClass(name)
          : super.loadClass(name, resolve);
    }
  }

  /** What happens to a stream, in words. */
  private static final class Events extends ChannelInboundHandlerAdapter {

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private volatile Channel channel;

    void say(String text) {
      channel.writeAndFlush(Unpooled.copiedBuffer(text, US_ASCII));
    }

    String next() throws InterruptedException {
      return events.poll(SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      channel = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var bytes = (ByteBuf) message;
      events.add(bytes.toString(US_ASCII));
      bytes.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      events.add("failure");
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      events.add("end");
    }
  }
}
