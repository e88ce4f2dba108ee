// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How an ExApp in a cluster is to be made reachable. Contract 8.7.
 *
 * @param port where the ExApp listens in its container
 * @param host what to reach it by, whatever the cluster says; never empty for {@code MANUAL}
 * @param hostPort the port there, for {@code MANUAL}
 * @param patience how long an address may take to appear
 * @param pause how long to wait before looking again
 */
public record Exposure(
    ExAppName name,
    Type type,
    int port,
    Optional<String> host,
    OptionalInt hostPort,
    Service service,
    Node node,
    Duration patience,
    Duration pause) {

  /** Kinds of service, and by hand. */
  public enum Type {
    NODEPORT,
    CLUSTERIP,
    LOADBALANCER,
    /** No service: somebody else takes care of the way to it. */
    MANUAL
  }

  /**
   * What the service is to have beside the ordinary.
   *
   * @param trafficPolicy {@code Cluster} or {@code Local}
   */
  public record Service(
      OptionalInt port,
      OptionalInt nodePort,
      Optional<String> trafficPolicy,
      Optional<String> loadBalancerIp,
      Map<String, String> annotations,
      Map<String, String> labels) {

    public Service {
      annotations = Map.copyOf(annotations);
      labels = Map.copyOf(labels);
    }
  }

  /**
   * Which node to reach a port of all nodes by.
   *
   * @param addressType {@code InternalIP} or {@code ExternalIP}
   */
  public record Node(String addressType, Optional<String> name, Optional<String> labelSelector) {}

  /** Where a manually exposed ExApp is reached; empty for the other types. */
  public Optional<ExAppAddress> byHand() {
    return type == Type.MANUAL
        ? host.map(named -> new ExAppAddress(named, hostPort.orElse(port)))
        : Optional.empty();
  }
}
