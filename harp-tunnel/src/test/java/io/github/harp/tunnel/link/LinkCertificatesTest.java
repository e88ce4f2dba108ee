// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.NodeCertificates;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes with the same secret know each other by it, and nobody else. */
class LinkCertificatesTest extends TwoNodes {

  @Test
  void aNodeThatStartedAYearAgoIsLinkedStill() throws Exception {
    var lastYear = Clock.offset(Clock.systemUTC(), Duration.ofDays(-365));
    var old = links(NodeCertificates.of(SECRET, "old", lastYear), 0);
    try {
      assertThat(get(old.dial(nodeB(), "service", loops.next())).isActive()).isTrue();
    } finally {
      old.close();
    }
  }

  @Test
  void aNodeMayBeCalledAnything() throws Exception {
    var name = "a node, wherever it is: " + "ü".repeat(100);
    var called = links(certificates(SECRET, name), 0);
    try {
      var address = get(called.start());
      var node =
          new LinkedNode(name, "there", () -> CompletableFuture.completedFuture(List.of(address)));
      assertThat(get(dialAt(node)).isActive()).isTrue();
    } finally {
      called.close();
    }
  }

  @Test
  void aSecretThatMightBeGuessedIsRefused() {
    assertThatThrownBy(() -> certificates(new byte[32], "b"))
        .hasMessage("256 bits of a secret; expected 384");
  }

  @Test
  void aNodeThatStartedWithItsClockFarAheadIsLinkedAllTheSame() throws Exception {
    var tomorrow = Clock.offset(Clock.systemUTC(), Duration.ofDays(1));
    var ahead = links(NodeCertificates.of(SECRET, "ahead", tomorrow), 0);
    try {
      assertThat(get(ahead.dial(node("b"), "service", loops.next())).isActive()).isTrue();
    } finally {
      ahead.close();
    }
  }

  @Test
  void anotherNodeThanWasAskedForIsNotTalkedTo() {
    assertThatThrownBy(() -> get(a.dial(node("c"), "service", loops.next())))
        .hasMessageContaining("no link to node c");
    assertThat(callers).isEmpty();
  }

  @Test
  void whoHasNoCertificateOfThisSecretIsRefused(@TempDir Path folder) throws Exception {
    var stranger = links(certificates(secret(2), "a"), 0);
    assertThatThrownBy(() -> get(stranger.dial(nodeB(), "service", loops.next())))
        .hasMessageContaining("no link to node b");
    stranger.close();

    var tunnels = CertificateAuthority.open(folder, Duration.ofDays(30), Clock.systemUTC());
    assertThat(spokenTo(tunnels.clientContext())).as("an ExApp").isFalse();
    assertThat(
            spokenTo(
                SslContextBuilder.forClient()
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .build()))
        .as("somebody without a certificate")
        .isFalse();
    assertThat(callers).isEmpty();
  }

  /** Whether b answers a stream of whoever has this, who believes all that b shows. */
  private boolean spokenTo(SslContext as) throws Exception {
    var answered = new CompletableFuture<Boolean>();
    var channel =
        new Bootstrap()
            .group(loops)
            .channel(TRANSPORT.tcpChannel())
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new SslHandler(as.newEngine(channel.alloc())));
                    channel.pipeline().addLast(new Answered(answered));
                  }
                })
            .connect(atB)
            .sync()
            .channel();
    // A yamux stream is opened, with a line of seven bytes.
    channel.writeAndFlush(
        Unpooled.copiedBuffer(
            new byte[] {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8}, "service\n".getBytes(US_ASCII)));
    try {
      return answered.get(20, TimeUnit.SECONDS);
    } finally {
      channel.close();
    }
  }

  private static final class Answered extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Boolean> answered;

    Answered(CompletableFuture<Boolean> answered) {
      this.answered = answered;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ((ByteBuf) msg).release();
      answered.complete(true);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      answered.complete(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      answered.complete(false);
    }
  }
}
