// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import io.netty.channel.ChannelHandler;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A way in that leads to no ExApp: at one path clients have their connection switched to another
 * protocol, and from then on it is somebody else's. Called on event loops; must not block.
 */
public interface SideDoor {

  /** As it stands in requests, without query. */
  String path();

  /**
   * The headers of the 101; empty for a request that can't be met.
   *
   * @param header gives the request's header of a name, all lines of it in one; null where it has
   *     none
   */
  Optional<Map<String, String>> answer(UnaryOperator<@Nullable String> header);

  /**
   * What takes the connection over, which the proxy has nothing more to do with: it neither watches
   * it nor ends it.
   *
   * @param client whom the proxy believes it to be, with port 0
   */
  ChannelHandler takeOver(InetSocketAddress client);
}
