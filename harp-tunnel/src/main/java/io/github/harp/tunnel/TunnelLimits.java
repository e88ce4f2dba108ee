// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import java.time.Duration;

/**
 * What clients may cost, and how long the server waits for them. Immutable; every {@code with}
 * method returns a changed copy. Durations are at least 1 ms, numbers at least 1.
 *
 * @param firstMessageTimeout from an accepted connection to its login, or from a new stream to its
 *     first message; TLS included. 10 s by default
 * @param decisionTimeout how long a {@link TunnelAuthenticator} may take; 5 s by default
 * @param workConnectionTimeout how long {@link TunnelServer#dial} waits for a client to open a work
 *     connection; 10 s by default, as in frp
 * @param heartbeatTimeout how long a client without stream multiplexing may send no heartbeat; 90 s
 *     by default, as in frp
 * @param newConnections connections at a time that have not logged in yet, in total; 1,024 by
 *     default. Beyond this and the next two a newcomer takes the place of the oldest that is silent
 * @param newConnectionsPerAddress the same from one address (IPv6: from one /64); 128 by default
 * @param newConnectionsPerBannedAddress the same from a banned address; 4 by default
 * @param sessions clients that are logged in, in total; 4,096 by default
 * @param streamsPerSession streams of one client at a time, at least 33 (32 are kept for its pool);
 *     2,048 by default
 * @param proxiesPerSession proxies that one client may open; 1 by default, as in HaRP
 * @param poolSize most idle work connections that a client may ask the server to keep, 0 for none;
 *     5 by default, as in frp
 * @param sessionBudgetBytes credit plus kept bytes of one client's streams; half of it is for the
 *     256 KiB that each stream has at least, so it should be 512 KiB for each of {@code
 *     streamsPerSession}. 1 GiB by default
 * @param heldBytes what all clients together may take for slow readers: credit that was given to
 *     their peers beyond the first 256 KiB of each stream, and bytes that lie here. Peers are
 *     slowed down before that; when it is used up, readers that fetch nothing are cut off. A
 *     quarter of the heap, at most 256 MiB, by default
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
  private static final int STREAMS_KEPT_FOR_THE_POOL = 32;

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public TunnelLimits {
    requireAtLeast(1, firstMessageTimeout.toMillis(), "firstMessageTimeout");
    requireAtLeast(1, decisionTimeout.toMillis(), "decisionTimeout");
    requireAtLeast(1, workConnectionTimeout.toMillis(), "workConnectionTimeout");
    requireAtLeast(1, heartbeatTimeout.toMillis(), "heartbeatTimeout");
    requireAtLeast(1, newConnections, "newConnections");
    requireAtLeast(1, newConnectionsPerAddress, "newConnectionsPerAddress");
    requireAtLeast(1, newConnectionsPerBannedAddress, "newConnectionsPerBannedAddress");
    requireAtLeast(1, sessions, "sessions");
    requireAtLeast(STREAMS_KEPT_FOR_THE_POOL + 1, streamsPerSession, "streamsPerSession");
    requireAtLeast(1, proxiesPerSession, "proxiesPerSession");
    requireAtLeast(0, poolSize, "poolSize");
    requireAtLeast(1, sessionBudgetBytes, "sessionBudgetBytes");
    requireAtLeast(1, heldBytes, "heldBytes");
  }

  private static void requireAtLeast(long least, long value, String name) {
    if (value < least) {
      throw new IllegalArgumentException(
          "tunnel limit " + name + " is " + value + "; expected at least " + least);
    }
  }

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

  public TunnelLimits withFirstMessageTimeout(Duration timeout) {
    return new TunnelLimits(
        timeout,
        decisionTimeout,
        workConnectionTimeout,
        heartbeatTimeout,
        newConnections,
        newConnectionsPerAddress,
        newConnectionsPerBannedAddress,
        sessions,
        streamsPerSession,
        proxiesPerSession,
        poolSize,
        sessionBudgetBytes,
        heldBytes);
  }

  public TunnelLimits withDecisionTimeout(Duration timeout) {
    return new TunnelLimits(
        firstMessageTimeout,
        timeout,
        workConnectionTimeout,
        heartbeatTimeout,
        newConnections,
        newConnectionsPerAddress,
        newConnectionsPerBannedAddress,
        sessions,
        streamsPerSession,
        proxiesPerSession,
        poolSize,
        sessionBudgetBytes,
        heldBytes);
  }

  public TunnelLimits withWorkConnectionTimeout(Duration timeout) {
    return new TunnelLimits(
        firstMessageTimeout,
        decisionTimeout,
        timeout,
        heartbeatTimeout,
        newConnections,
        newConnectionsPerAddress,
        newConnectionsPerBannedAddress,
        sessions,
        streamsPerSession,
        proxiesPerSession,
        poolSize,
        sessionBudgetBytes,
        heldBytes);
  }

  public TunnelLimits withHeartbeatTimeout(Duration timeout) {
    return new TunnelLimits(
        firstMessageTimeout,
        decisionTimeout,
        workConnectionTimeout,
        timeout,
        newConnections,
        newConnectionsPerAddress,
        newConnectionsPerBannedAddress,
        sessions,
        streamsPerSession,
        proxiesPerSession,
        poolSize,
        sessionBudgetBytes,
        heldBytes);
  }

  /** Connections that have not logged in: of everybody, of one address, of a banned one. */
  public TunnelLimits withNewConnections(int inTotal, int perAddress, int perBannedAddress) {
    return new TunnelLimits(
        firstMessageTimeout,
        decisionTimeout,
        workConnectionTimeout,
        heartbeatTimeout,
        inTotal,
        perAddress,
        perBannedAddress,
        sessions,
        streamsPerSession,
        proxiesPerSession,
        poolSize,
        sessionBudgetBytes,
        heldBytes);
  }

  public TunnelLimits withSessions(int most) {
    return new TunnelLimits(
        firstMessageTimeout,
        decisionTimeout,
        workConnectionTimeout,
        heartbeatTimeout,
        newConnections,
        newConnectionsPerAddress,
        newConnectionsPerBannedAddress,
        most,
        streamsPerSession,
        proxiesPerSession,
        poolSize,
        sessionBudgetBytes,
        heldBytes);
  }

  /** Streams of one client, and the memory they may take together. */
  public TunnelLimits withStreamsPerSession(int streams, long budgetBytes) {
    return new TunnelLimits(
        firstMessageTimeout,
        decisionTimeout,
        workConnectionTimeout,
        heartbeatTimeout,
        newConnections,
        newConnectionsPerAddress,
        newConnectionsPerBannedAddress,
        sessions,
        streams,
        proxiesPerSession,
        poolSize,
        budgetBytes,
        heldBytes);
  }

  public TunnelLimits withProxiesPerSession(int most) {
    return new TunnelLimits(
        firstMessageTimeout,
        decisionTimeout,
        workConnectionTimeout,
        heartbeatTimeout,
        newConnections,
        newConnectionsPerAddress,
        newConnectionsPerBannedAddress,
        sessions,
        streamsPerSession,
        most,
        poolSize,
        sessionBudgetBytes,
        heldBytes);
  }

  public TunnelLimits withPoolSize(int most) {
    return new TunnelLimits(
        firstMessageTimeout,
        decisionTimeout,
        workConnectionTimeout,
        heartbeatTimeout,
        newConnections,
        newConnectionsPerAddress,
        newConnectionsPerBannedAddress,
        sessions,
        streamsPerSession,
        proxiesPerSession,
        most,
        sessionBudgetBytes,
        heldBytes);
  }

  public TunnelLimits withHeldBytes(long most) {
    return new TunnelLimits(
        firstMessageTimeout,
        decisionTimeout,
        workConnectionTimeout,
        heartbeatTimeout,
        newConnections,
        newConnectionsPerAddress,
        newConnectionsPerBannedAddress,
        sessions,
        streamsPerSession,
        proxiesPerSession,
        poolSize,
        sessionBudgetBytes,
        most);
  }
}
