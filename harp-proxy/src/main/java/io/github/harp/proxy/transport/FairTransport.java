// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.transport.Transport;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** One of Vert.x's transports, with {@link FairLoops}. */
record FairTransport(io.vertx.core.transport.Transport of)
    implements io.vertx.core.transport.Transport, Transport {

  @Override
  public EventLoopGroup eventLoopGroup(
      int type, int threads, ThreadFactory factory, int ignoredRatio) {
    return new FairLoops(threads, factory, ioHandlerFactory());
  }

  @Override
  public Transport implementation() {
    return this;
  }

  private Transport its() {
    return of.implementation();
  }

  // ---- everything else as it is

  @Override
  public String name() {
    return of.name();
  }

  @Override
  public boolean available() {
    return of.available();
  }

  @Override
  public @Nullable Throwable unavailabilityCause() {
    return of.unavailabilityCause();
  }

  @Override
  public boolean isAvailable() {
    return its().isAvailable();
  }

  @Override
  public boolean supportsDomainSockets() {
    return its().supportsDomainSockets();
  }

  @Override
  public boolean supportFileRegion() {
    return its().supportFileRegion();
  }

  @Override
  public java.net.SocketAddress convert(SocketAddress address) {
    return its().convert(address);
  }

  @Override
  public SocketAddress convert(java.net.SocketAddress address) {
    return its().convert(address);
  }

  @Override
  public IoHandlerFactory ioHandlerFactory() {
    return its().ioHandlerFactory();
  }

  @Override
  public DatagramChannel datagramChannel() {
    return its().datagramChannel();
  }

  @Override
  public DatagramChannel datagramChannel(InternetProtocolFamily family) {
    return its().datagramChannel(family);
  }

  @Override
  public ChannelFactory<? extends Channel> channelFactory(boolean isUnix) {
    return its().channelFactory(isUnix);
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean isUnix) {
    return its().serverChannelFactory(isUnix);
  }

  @Override
  public void configure(DatagramChannel channel, DatagramSocketOptions options) {
    its().configure(channel, options);
  }

  @Override
  public void configure(
      ClientOptionsBase options, int timeout, boolean isUnix, Bootstrap bootstrap) {
    its().configure(options, timeout, isUnix, bootstrap);
  }

  @Override
  public void configure(NetServerOptions options, boolean isUnix, ServerBootstrap bootstrap) {
    its().configure(options, isUnix, bootstrap);
  }
}
