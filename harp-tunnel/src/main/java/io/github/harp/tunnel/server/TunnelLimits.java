// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.github.harp.tunnel.TunnelServer;
import java.time.Duration;

/**
 * What clients may cost, and how long the server waits for them. Durations are at least 1 ms,
 * numbers at least 1; another value is an {@link IllegalArgumentException}.
 *
 * @param clients clients that are logged in; 4,096 by default
 * @param heldBytes what all clients together may take for slow readers: credit that was given to
 *     their peers beyond the first 16 KiB of each stream, and bytes that lie here. Peers are slowed
 *     down before that; when it is used up, readers that fetch nothing are cut off. A quarter of
 *     the heap, at most 256 MiB, by default
 */
public record TunnelLimits(
    Times times, Newcomers newcomers, PerClient perClient, int clients, long heldBytes) {

  private static final int HEAP_PART_FOR_SLOW_READERS = 4;
  private static final long MAX_HELD_BYTES = 256L << 20;

  /** frp's own values where it has such a limit. */
  public TunnelLimits() {
    this(
        new Times(),
        new Newcomers(),
        new PerClient(),
        4096,
        Math.min(MAX_HELD_BYTES, Runtime.getRuntime().maxMemory() / HEAP_PART_FOR_SLOW_READERS));
  }

  public TunnelLimits {
    requireAtLeast(1, clients, "clients");
    requireAtLeast(1, heldBytes, "heldBytes");
  }

  /**
   * How long the server waits.
   *
   * @param firstMessage from an accepted connection to its login, or from a new stream to its first
   *     message; TLS included. 10 s by default
   * @param decision how long a {@link TunnelAuthenticator} may take; 5 s by default
   * @param workConnection how long {@link TunnelServer#dial} waits for a client to open a work
   *     connection; 10 s by default, as in frp
   * @param heartbeat how long a client without stream multiplexing may send no heartbeat; 90 s by
   *     default, as in frp
   */
  public record Times(
      Duration firstMessage, Duration decision, Duration workConnection, Duration heartbeat) {

    public Times() {
      this(
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(90));
    }

    public Times {
      requireAtLeast(1, firstMessage.toMillis(), "firstMessage");
      requireAtLeast(1, decision.toMillis(), "decision");
      requireAtLeast(1, workConnection.toMillis(), "workConnection");
      requireAtLeast(1, heartbeat.toMillis(), "heartbeat");
    }
  }

  /**
   * Connections at a time that have not logged in yet. Beyond this a newcomer takes the place of
   * the oldest that is silent.
   *
   * @param inTotal 1,024 by default
   * @param perAddress from one address (IPv6: from one /64); 128 by default
   * @param perBannedAddress from a banned address; 4 by default
   */
  public record Newcomers(int inTotal, int perAddress, int perBannedAddress) {

    public Newcomers() {
      this(1024, 128, 4);
    }

    public Newcomers {
      requireAtLeast(1, inTotal, "inTotal");
      requireAtLeast(1, perAddress, "perAddress");
      requireAtLeast(1, perBannedAddress, "perBannedAddress");
    }
  }

  /**
   * What one client that is logged in may have.
   *
   * @param streams streams at a time, at least 33 (32 are kept for its pool); 2,048 by default
   * @param proxies ports that are open; 1 by default, as in HaRP. Proxies without a port may be 8
   * @param idle most idle work connections that it may ask the server to keep, 0 for none; 5 by
   *     default, as in frp
   * @param budgetBytes credit plus kept bytes of its streams; half of it is for the 256 KiB that
   *     each stream has at least, so it should be 512 KiB for each of them. 1 GiB by default
   */
  public record PerClient(int streams, int proxies, int idle, long budgetBytes) {

    private static final int STREAMS_KEPT_FOR_THE_POOL = 32;

    public PerClient() {
      this(2048, 1, 5, 1L << 30);
    }

    public PerClient {
      requireAtLeast(STREAMS_KEPT_FOR_THE_POOL + 1, streams, "streams");
      requireAtLeast(1, proxies, "proxies");
      requireAtLeast(0, idle, "idle");
      requireAtLeast(1, budgetBytes, "budgetBytes");
    }

    /**
     * Streams that may carry something: there is always room for the pool, so that the client is
     * never asked for a stream that would be refused.
     */
    public int streamsInUse() {
      return streams - STREAMS_KEPT_FOR_THE_POOL;
    }
  }

  private static void requireAtLeast(long least, long value, String name) {
    if (value < least) {
      throw new IllegalArgumentException(
          "tunnel limit " + name + " is " + value + "; expected at least " + least);
    }
  }
}
