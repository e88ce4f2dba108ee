// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.punch;

import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import io.github.harp.tunnel.server.TunnelIdentity;
import io.netty.channel.EventLoop;
import java.net.InetAddress;

/** A client that is logged in and wants to be introduced. Thread-safe. */
public interface IntroducedPeer {

  TunnelIdentity identity();

  /** Where it is seen from here. */
  InetAddress address();

  EventLoop loop();

  /** Tells it on its control connection; nothing happens if that has ended. */
  void answer(NatHoleResp answer);
}
