// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.carrier;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.pki.CertificateAuthority;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The same over connections of TCP, with TLS or without. */
abstract class CarrierOverTcpContract extends CarrierContract {

  private Channel listener;
  private SslContext serverTls;
  private SslContext clientTls;

  @Override
  @BeforeEach
  void listen() throws Exception {
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel connection) {
                    if (serverTls != null) {
                      connection.pipeline().addLast(serverTls.newHandler(connection.alloc()));
                    }
                    begin(connection);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
  }

  @AfterEach
  void close() {
    listener.close().syncUninterruptibly();
  }

  @Override
  Future<Channel> dial() {
    var connected = clientLoop.<Channel>newPromise();
    new Bootstrap()
        .group(clientLoop)
        .channel(NioSocketChannel.class)
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                if (clientTls != null) {
                  channel.pipeline().addLast(clientTls.newHandler(channel.alloc()));
                }
              }
            })
        .connect(listener.localAddress())
        .addListener(
            (ChannelFuture done) -> {
              if (done.isSuccess()) {
                connected.setSuccess(done.channel());
              } else {
                connected.setFailure(done.cause());
              }
            });
    return connected;
  }

  @Test
  void saysWhetherItIsEncryptedAndMultiplexed() throws Exception {
    var plain = connect();
    open(plain).sends("x").receives(1);
    serverTls = CertificateAuthority.throwAwayServerContext(Clock.systemUTC());
    clientTls =
        SslContextBuilder.forClient()
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .build();
    var encrypted = connect();
    open(encrypted).sends("x").receives(1);

    assertThat(plain.isEncrypted()).isFalse();
    assertThat(encrypted.isEncrypted()).isTrue();
    assertThat(servers).extracting(Carrier::isEncrypted).containsExactly(false, true);
    assertThat(servers).extracting(Carrier::isMultiplexed).containsOnly(isMultiplexed());
    assertThat(plain.isMultiplexed()).isEqualTo(isMultiplexed());
  }
}
