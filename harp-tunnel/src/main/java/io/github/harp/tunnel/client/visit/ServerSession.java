// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.visit;

import io.github.harp.tunnel.client.straight.Introducer;
import io.netty.channel.ChannelHandler;
import java.util.function.Consumer;

/** A session with the server while it lasts, as visitors need it. On its event loop. */
public interface ServerSession {

  /** The id that the server gave it. */
  String runId();

  Introducer introducer();

  /**
   * Opens a stream to the server, with a codec of its messages in front of the handler.
   *
   * @param failed told why it can't be opened
   */
  void open(ChannelHandler handler, Consumer<String> failed);
}
