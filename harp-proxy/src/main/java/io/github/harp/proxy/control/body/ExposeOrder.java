// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control.body;

import io.github.harp.core.address.Ports;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.Exposure.Node;
import io.github.harp.core.runtime.Exposure.Service;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.proxy.json.JsonFields;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** An order to make an ExApp in a cluster reachable. Contract 8.7. */
public final class ExposeOrder {

  private static final List<String> TYPES =
      List.of("nodeport", "clusterip", "loadbalancer", "manual");
  private static final List<String> POLICIES = List.of("Cluster", "Local");
  private static final List<String> ADDRESS_TYPES = List.of("InternalIP", "ExternalIP");

  private ExposeOrder() {}

  public static Exposure read(JsonFields body, String prefix) {
    var name = OrderBody.name(body, prefix);
    var port = (int) body.integer("port", 1, Ports.HIGHEST);
    var type = Type.valueOf(body.word("expose_type", "clusterip", TYPES).toUpperCase(Locale.ROOT));
    var host = body.optionalString("upstream_host").map(String::strip).filter(it -> !it.isEmpty());
    var hostPort = port(body, "upstream_port", 1, Ports.HIGHEST);
    if (type == Type.MANUAL && host.isEmpty()) {
      throw body.violation("upstream_host", "missing, expected a host for the type 'manual'");
    }
    return new Exposure(
        name,
        type,
        port,
        host,
        hostPort,
        new Service(
            port(body, "service_port", 1, Ports.HIGHEST),
            port(body, "node_port", 30000, 32767),
            trafficPolicy(body),
            body.optionalString("load_balancer_ip"),
            body.stringMap("service_annotations"),
            body.stringMap("service_labels")),
        new Node(
            body.word("node_address_type", "InternalIP", ADDRESS_TYPES),
            body.optionalString("node_name"),
            body.optionalString("node_label_selector")),
        seconds(body.decimal("wait_timeout_seconds", 0, 600, 60)),
        seconds(body.decimal("wait_interval_seconds", 0.1, 10, 1)));
  }

  private static OptionalInt port(JsonFields body, String name, int min, int max) {
    var port = body.optionalInteger(name, min, max);
    return port.isPresent() ? OptionalInt.of((int) port.getAsLong()) : OptionalInt.empty();
  }

  private static Optional<String> trafficPolicy(JsonFields body) {
    return body.optionalString("external_traffic_policy")
        .map(given -> body.word("external_traffic_policy", "Cluster", POLICIES));
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
