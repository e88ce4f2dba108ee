// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.backend.Backend;
import io.github.harp.bench.process.OpenFiles;
import io.github.harp.bench.process.ResidentMemory;
import io.github.harp.bench.target.HttpConnection;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;

/** Connections that were used once and then wait; what the system holds more for them. */
public final class IdleConnections implements Load {
  private static final int BUFFER_BYTES = 1024;
  private static final int PORTS_OF_AN_ADDRESS = 25_000;

  private final int count;
  private final boolean webSockets;

  private IdleConnections(int count, boolean webSockets) {
    this.count = count;
    this.webSockets = webSockets;
  }

  /** Connections of HTTP/1.1 after one request. */
  public static IdleConnections keepAlive(int count) {
    return new IdleConnections(count, false);
  }

  /** WebSockets after their handshake. */
  public static IdleConnections webSockets(int count) {
    return new IdleConnections(count, true);
  }

  /** As {@link #keepAlive}, or as many as a process can have here. */
  public static IdleConnections keepAliveUpTo(int most) {
    return keepAlive(Math.min(most, OpenFiles.connections(1)));
  }

  /** As {@link #webSockets}, or as many as a process can have here, each with one behind it. */
  public static IdleConnections webSocketsUpTo(int most) {
    return webSockets(Math.min(most, OpenFiles.connections(2)));
  }

  /** The duration is how long they wait before memory is read, so that lazy work is done. */
  @Override
  public Sample run(Peer peer, Target target, Duration duration) {
    var connections = new ArrayList<HttpConnection>();
    try {
      open(connections, target, 0, 1);
      long before = ResidentMemory.kib(peer.pids());
      int here = webSockets ? Math.min(count, PORTS_OF_AN_ADDRESS) : count;
      open(connections, target, 0, here);
      open(connections, peer.target(App.LIVE_ELSEWHERE, Protocol.HTTP), here, count);
      Thread.sleep(duration.toMillis());
      long after = ResidentMemory.kib(peer.pids());
      var values = new EnumMap<Metric, Double>(Metric.class);
      values.put(Metric.KIB_PER_CONNECTION, (after - before) / (double) count);
      values.put(Metric.CONNECTIONS, (double) count);
      values.put(Metric.RESIDENT, after / 1024.0);
      return new Sample(count, 0, values);
    } catch (IOException e) {
      throw new BenchException(
          connections.size()
              + " of "
              + count
              + " idle connections are open, then: "
              + e.getMessage(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted while connections were idle", e);
    } finally {
      connections.forEach(HttpConnection::close);
    }
  }

  private void open(ArrayList<HttpConnection> connections, Target target, int from, int to)
      throws IOException {
    for (int i = from; i < to; i++) {
      // A client's address has no more ports for one of a server.
      var client = "127.0.1." + (1 + i / PORTS_OF_AN_ADDRESS);
      var connection = new HttpConnection(target, BUFFER_BYTES, client);
      connections.add(connection);
      if (webSockets) {
        connection.upgrade("echo");
      } else {
        connection.get(Backend.SMALL);
      }
    }
  }
}
