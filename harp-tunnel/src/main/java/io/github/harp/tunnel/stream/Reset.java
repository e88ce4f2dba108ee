// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;

/** Closes a channel so that its peer can tell that something is missing. */
public final class Reset {

  private Reset() {}

  /** A socket that its peer has reset already takes no options: it is just closed then. */
  public static void of(Channel channel) {
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException gone) {
      // nobody is there who could be told
    }
    channel.close();
  }
}
