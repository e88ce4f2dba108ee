// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.orders.OrderObserver;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.launcher.logging.TracingLog;
import io.github.harp.operations.NodesView;
import io.github.harp.operations.RequestMemory;
import io.github.harp.operations.metrics.EngineMetrics;
import io.github.harp.operations.metrics.GatewayMetrics;
import io.github.harp.operations.metrics.NodesMetrics;
import io.github.harp.operations.metrics.RequestMetrics;
import io.github.harp.operations.metrics.TunnelMetrics;
import io.github.harp.operations.observe.AccessLog;
import io.github.harp.operations.observe.RefusedLogins;
import io.github.harp.operations.tracing.OtlpTracing;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import io.github.harp.tunnel.server.TunnelListener;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is told what happens, to log and count it, or for the doctor.
 *
 * @param memory of requests
 * @param tracing of requests, where somebody wants it
 */
record Observation(
    PrometheusMeterRegistry registry,
    GatewayMetrics gateway,
    TunnelMetrics tunnelMetrics,
    RefusedLogins refusedLogins,
    RequestMemory memory,
    Tracing tracing)
    implements RequestObserver {

  private static final Logger LOG = LoggerFactory.getLogger(Observation.class);

  static Observation begin(Configuration configuration, Clock clock, Ticker ticker) {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    return new Observation(
        registry,
        new GatewayMetrics(registry),
        new TunnelMetrics(registry, ticker),
        new RefusedLogins(clock),
        new RequestMemory(clock),
        tracing(configuration.operation().traces()));
  }

  /** Without a collector everything works but traces. */
  private static Tracing tracing(Map<String, String> variables) {
    try {
      if (variables.isEmpty() || !OtlpTracing.isWanted(variables)) {
        return Tracing.NONE;
      }
      TracingLog.take();
      return OtlpTracing.start(variables, Version.number());
    } catch (IllegalArgumentException e) {
      LOG.error("{}; there are no traces", e.getMessage());
      return Tracing.NONE;
    }
  }

  /** Follows requests only: others are told of them. */
  @Override
  public void finished(RequestRecord request) {}

  /** Blocks for a short time. */
  void close() {
    if (tracing instanceof OtlpTracing otlp) {
      otlp.close();
    }
  }

  TunnelListener ofTunnels() {
    return refusedLogins.and(tunnelMetrics);
  }

  /**
   * @param whose empty where there is only one whose they could be
   */
  OrderObserver ofOrders(Optional<String> whose) {
    return new EngineMetrics(registry, whose, tracing);
  }

  /**
   * @param users whether the log names them
   * @param several whether there are several Nextclouds to be told apart
   */
  RequestObserver ofRequests(boolean users, boolean several) {
    return new AccessLog(LoggerFactory.getLogger(LogOutput.ACCESS), users)
        .and(new RequestMetrics(registry, several))
        .and(memory)
        .and(this);
  }

  /** Shows who is banned. */
  void watch(List<Failures> lists) {
    gateway.bans(lists);
  }

  /** Shows how well this node hears of others. */
  void watch(NodesView nodes, Ticker ticker) {
    new NodesMetrics(registry, ticker).watch(nodes.status());
  }

  /** Shows what these hold whenever somebody asks. */
  void watch(Nextclouds nextclouds, TunnelEntrance entrance, HarpProxy proxy) {
    tunnelMetrics.watch(entrance::status);
    gateway
        .connections(proxy::openConnections)
        .exApps(nextclouds::knownExApps)
        .engines(nextclouds::knownEngines)
        .webSockets(proxy::openUpgrades)
        .held(proxy::heldBytes, proxy::clientsCutOff)
        .cache("exapps", nextclouds::recordStats)
        .cache("sessions", nextclouds::sessionStats);
  }
}
