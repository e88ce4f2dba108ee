// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelClient;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link TunnelClient} is doing at one moment.
 *
 * @param since when it entered this state
 * @param logins how often it has logged in so far
 * @param lastFailure why the last attempt or session ended, if one did
 */
public record TunnelClientStatus(
    State state,
    Instant since,
    long logins,
    Optional<String> lastFailure,
    List<Proxy> proxies,
    List<Visitor> visitors) {

  public enum State {
    /** Dialling, or logging in. */
    CONNECTING,
    /** Logged in. */
    CONNECTED,
    /** Waiting before the next attempt. */
    WAITING,
    /** Closed, or given up; for good. */
    CLOSED
  }

  public enum ProxyState {
    /** The server has not been asked, or has not answered yet. */
    PENDING,
    /** Users can connect. */
    RUNNING,
    /** The server said no; it is asked again. */
    REFUSED
  }

  /**
   * One service that is offered.
   *
   * @param remoteAddress what the server opened, in frp's form {@code :23000}; empty unless running
   * @param error why the server said no; empty unless refused
   * @param openConnections users connected right now
   * @param connections users connected so far
   * @param failedConnections users that could not be connected to the target
   */
  public record Proxy(
      String name,
      int remotePort,
      String target,
      ProxyState state,
      String remoteAddress,
      String error,
      int openConnections,
      long connections,
      long failedConnections,
      StraightVisitors straight) {}

  /**
   * Visitors of an xtcp proxy, whose bytes don't pass the server.
   *
   * @param here how many are connected now
   * @param came how many have been so far
   * @param missed how many were announced and could not be met
   * @param lastMiss why, the last time
   */
  public record StraightVisitors(int here, long came, long missed, String lastMiss) {}

  /**
   * A service of another client that users reach here.
   *
   * @param address where they connect to; empty while it does not listen, or never does
   * @param whyNotStraight empty if there is a straight way now
   * @param here how many users there are
   * @param straight what went without the server
   * @param relayed what went through it
   * @param failed how many users found no way
   * @param lastFailure why, the last time
   */
  public record Visitor(
      String name,
      String service,
      ProxyType way,
      Optional<SocketAddress> address,
      String whyNotStraight,
      int here,
      Went straight,
      Went relayed,
      long failed,
      String lastFailure) {}

  /**
   * What went one way.
   *
   * @param users how many so far
   * @param bytes of theirs, in both directions
   */
  public record Went(long users, long bytes) {}

  /** Whether it is logged in and every proxy can be used. */
  public boolean isHealthy() {
    return state == State.CONNECTED
        && proxies.stream().allMatch(proxy -> proxy.state() == ProxyState.RUNNING);
  }
}
