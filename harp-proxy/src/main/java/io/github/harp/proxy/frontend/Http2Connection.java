// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.netty.channel.Channel;

/** A client's HTTP/2 connection. */
final class Http2Connection {

  private Http2Connection() {}

  /** Makes the channel's pipeline one for HTTP/2. */
  static void install(ConnectionContext context, Channel channel) {
    channel.close();
  }
}
