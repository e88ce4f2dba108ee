// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.github.harp.tunnel.frp.WireDetector;
import io.github.harp.tunnel.server.accept.Connection;
import io.github.harp.tunnel.server.control.Logins;
import io.github.harp.tunnel.server.session.ServerContext;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;

/** Prepares the streams of one connection, which may be a single one, for their first message. */
@ChannelHandler.Sharable
final class StreamInitializer extends ChannelInitializer<Channel> {

  private final Connection connection;
  private final ServerContext server;
  private final Logins logins;
  private final Visitors visitors;

  StreamInitializer(Connection connection, ServerContext server, Logins logins, Visitors visitors) {
    this.connection = connection;
    this.server = server;
    this.logins = logins;
    this.visitors = visitors;
  }

  @Override
  protected void initChannel(Channel stream) {
    stream
        .pipeline()
        .addLast(new WireDetector(), new FirstMessage(connection, server, logins, visitors));
  }
}
