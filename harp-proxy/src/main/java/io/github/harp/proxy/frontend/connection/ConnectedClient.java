// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import io.github.harp.proxy.exchange.Client;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The client of a connection, for as long as that is open. */
public final class ConnectedClient implements Client {

  private static final int MAX_DROPS = 200;

  private final ConnectionLimit limit;
  private final InetAddress peer;
  private final boolean cameOnReserve;
  private boolean isKeyed;
  private int drops;

  public ConnectedClient(Channel channel, ConnectionLimit limit) {
    this.limit = limit;
    this.peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    this.cameOnReserve = ConnectionLimit.isOnReserve(channel);
  }

  @Override
  public InetAddress peer() {
    return peer;
  }

  @Override
  public boolean isOnReserve() {
    return cameOnReserve && !isKeyed;
  }

  @Override
  public void keyed() {
    if (!isKeyed) {
      isKeyed = true;
      limit.keyed(peer);
    }
  }

  @Override
  public boolean dropped() {
    drops++;
    return drops >= MAX_DROPS;
  }

  public boolean isKeyed() {
    return isKeyed;
  }
}
