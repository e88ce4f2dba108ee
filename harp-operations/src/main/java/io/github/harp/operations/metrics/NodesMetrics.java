// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.metrics;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.notice.ClusterNode.State;
import io.github.harp.core.notice.ClusterStatus;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** How well a node hears of the others. */
public record NodesMetrics(MeterRegistry registry, Ticker ticker) {

  /** Shows what a node says of them, which is asked once for what is shown together. */
  public void watch(Supplier<ClusterStatus> status) {
    new Watched<>(registry, ticker, status)
        .gauge("harp.cluster.works", "1 while this node hears and tells, else 0", it -> works(it))
        .gauge(
            "harp.cluster.waiting.bytes",
            "Bytes that wait to be told to other nodes",
            ClusterStatus::waitingBytes)
        .gauge(
            "harp.cluster.nodes",
            "Nodes with the same key that are there, this one included",
            it -> present(it))
        .counter("harp.cluster.heard", "Events of other nodes", ClusterStatus::heard)
        .counter(
            "harp.cluster.refused",
            "Entries that nobody with the key wrote, or not there or then",
            ClusterStatus::refused)
        .counter(
            "harp.cluster.gaps", "How often something may not have been heard", ClusterStatus::gaps)
        .counter(
            "harp.cluster.left.out",
            "Events that were never told, since too many waited",
            ClusterStatus::leftOut);
  }

  private static double works(ClusterStatus status) {
    return status.joined() && status.troubles().isEmpty() ? 1 : 0;
  }

  private static double present(ClusterStatus status) {
    return status.nodes().stream()
        .filter(it -> it.state() == State.THIS || it.state() == State.PRESENT)
        .count();
  }
}
