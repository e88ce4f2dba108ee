// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.util.AttributeKey;

/** Closes a channel so that its peer can tell that something is missing. */
public final class Reset {

  /** Set before a channel is closed whose options can't say it. */
  public static final AttributeKey<Boolean> WANTED = AttributeKey.valueOf(Reset.class, "wanted");

  private Reset() {}

  /** A socket that its peer has reset already takes no options: it is just closed then. */
  public static void of(Channel channel) {
    prepare(channel);
    channel.close();
  }

  /** The same where nobody is any more: TLS, for one, would wait until its farewell is sent. */
  public static void ofSilent(Channel channel) {
    prepare(channel);
    channel.unsafe().close(channel.newPromise());
  }

  private static void prepare(Channel channel) {
    try {
      if (!channel.config().setOption(ChannelOption.SO_LINGER, 0)) {
        channel.attr(WANTED).set(true);
      }
    } catch (ChannelException gone) {
      // nobody is there who could be told
    }
  }
}
