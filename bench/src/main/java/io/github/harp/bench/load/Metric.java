// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import java.util.Locale;

/** A quantity that a sample holds, with the unit that it is printed in. */
public enum Metric {
  /** Finished requests per second. */
  REQUESTS("requests/s", 0),
  /** WebSocket messages that came back, per second. */
  MESSAGES("messages/s", 0),
  /** New TLS connections with one request each, per second. */
  HANDSHAKES("handshakes/s", 0),
  /** Payload, in units of 10^6 bytes per second. */
  THROUGHPUT("MB/s", 0),
  /** Half of the operations took no longer. */
  P50("p50 µs", 0),
  /** 99 of 100 operations took no longer. */
  P99("p99 µs", 0),
  /** 999 of 1,000 operations took no longer. */
  P999("p99.9 µs", 0),
  /** No operation took longer. */
  WORST("worst µs", 0),
  /** From sending an event to its arrival. */
  EVENT_DELAY("event delay p50 µs", 0),
  /** User and system time of all processes of the system, per operation. */
  CPU_PER_OPERATION("CPU µs/op", 1),
  /** User and system time of all processes of the system, per 10^9 bytes of payload. */
  CPU_PER_GIGABYTE("CPU s/GB", 2),
  /** What the system holds at the end of a sample. */
  RESIDENT("RSS MiB", 0),
  /** What the system holds more for each connection that is open and idle. */
  KIB_PER_CONNECTION("KiB/connection", 1),
  /** From exec to the end of the first answer. */
  FIRST_ANSWER("first answer ms", 0),
  /** How many connections were open and idle. */
  CONNECTIONS("connections", 0),
  /** From the first answer after a restart until every tunnel is there again. */
  ALL_BACK("all back ms", 0),
  /** From the first byte of a transfer to the end of its answer. */
  DURATION("s", 1),
  /** Payload over a line, in units of 10^6 bits per second. */
  LINE_RATE("Mbit/s", 0),
  /** Half of the operations over a long line took no longer. */
  FAR_P50("p50 ms", 0),
  /** 99 of 100 operations over a long line took no longer. */
  FAR_P99("p99 ms", 0),
  /** From a user's connection to the first byte of the answer. */
  FIRST_BYTE("first byte ms", 0),
  /** 1 if bytes went straight from peer to peer, else 0. */
  STRAIGHT("straight", 0),
  /** What the server's line had to send, in per cent of the payload. */
  EGRESS("egress %", 2),
  /** Operations that failed; any spoils the sample. */
  ERRORS("errors", 0);

  private final String unit;
  private final int decimals;

  Metric(String unit, int decimals) {
    this.unit = unit;
    this.decimals = decimals;
  }

  /** The column's title. */
  public String unit() {
    return unit;
  }

  /** A value as it is printed. */
  public String format(double value) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
