// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import java.time.Duration;

/**
 * What clients may cost, and how long the server waits for them.
 *
 * @param firstMessageTimeout from an accepted connection to its login, or from a new stream to its
 *     first message; TLS included
 * @param decisionTimeout how long a {@link TunnelAuthenticator} may take
 * @param workConnectionTimeout how long {@link TunnelServer#dial} waits for a client to open a work
 *     connection
 * @param heartbeatTimeout how long a client without stream multiplexing may send no heartbeat
 * @param newConnections connections at a time that have not logged in yet, in total
 * @param newConnectionsPerAddress the same from one address (IPv6: from one /64)
 * @param newConnectionsPerBannedAddress the same from a banned address
 * @param sessions clients that are logged in, in total
 * @param streamsPerSession streams of one client at a time
 * @param proxiesPerSession proxies that one client may open
 * @param poolSize most idle work connections that a client may ask the server to keep
 * @param sessionBudgetBytes credit plus kept bytes of one client's streams; half of it is for the
 *     256 KiB that each stream has at least, so it should be twice that for all of them
 * @param heldBytes bytes kept for slow readers, of all clients together
 */
public record TunnelLimits(
    Duration firstMessageTimeout,
    Duration decisionTimeout,
    Duration workConnectionTimeout,
    Duration heartbeatTimeout,
    int newConnections,
    int newConnectionsPerAddress,
    int newConnectionsPerBannedAddress,
    int sessions,
    int streamsPerSession,
    int proxiesPerSession,
    int poolSize,
    long sessionBudgetBytes,
    long heldBytes) {

  private static final int HEAP_PART_FOR_SLOW_READERS = 4;
  private static final long MAX_HELD_BYTES = 256L << 20;

  /** frp's own values where it has such a limit. */
  public static TunnelLimits defaults() {
    return new TunnelLimits(
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(90),
        1024,
        128,
        4,
        4096,
        2048,
        1,
        5,
        1L << 30,
        Math.min(MAX_HELD_BYTES, Runtime.getRuntime().maxMemory() / HEAP_PART_FOR_SLOW_READERS));
  }
}
