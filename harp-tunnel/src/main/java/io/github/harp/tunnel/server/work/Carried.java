// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.work;

import io.github.harp.tunnel.server.TunnelStatus.Totals;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a server has carried since it was made. Sessions count their own bytes while they last, so
 * that nobody counts twice; what they counted is added here when they end. Never goes back.
 * Thread-safe.
 */
public final class Carried {

  private final Set<PayloadCounter> running = new HashSet<>();
  private final LongAdder streams = new LongAdder();
  private long sessions;
  private long bytesIn;
  private long bytesOut;

  public synchronized void sessionBegins(PayloadCounter payload) {
    sessions++;
    running.add(payload);
  }

  public void streamOpened() {
    streams.increment();
  }

  public synchronized void sessionEnds(PayloadCounter payload) {
    if (running.remove(payload)) {
      bytesIn += payload.bytesIn();
      bytesOut += payload.bytesOut();
    }
  }

  public synchronized Totals totals() {
    var in = bytesIn;
    var out = bytesOut;
    for (var payload : running) {
      in += payload.bytesIn();
      out += payload.bytesOut();
    }
    return new Totals(sessions, streams.sum(), in, out);
  }
}
