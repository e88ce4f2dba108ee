// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control.body;

import io.github.harp.core.ExAppName;
import io.github.harp.proxy.json.JsonFields;
import java.util.List;

/**
 * An order to make an ExApp in a cluster reachable, as far as it matters without one.
 *
 * @param host where a manually exposed ExApp listens; empty for the other types
 */
public record ExposeOrder(ExAppName name, String type, String host, int port) {

  private static final String MANUAL = "manual";

  private static final List<String> TYPES =
      List.of("nodeport", "clusterip", "loadbalancer", MANUAL);
  private static final List<String> POLICIES = List.of("Cluster", "Local");
  private static final List<String> ADDRESS_TYPES = List.of("InternalIP", "ExternalIP");

  public static ExposeOrder read(JsonFields body) {
    var name = OrderBody.name(body);
    var port = body.integer("port", 1, 65535);
    var type = body.word("expose_type", "clusterip", TYPES);
    var host = body.optionalString("upstream_host").orElse("");
    var upstreamPort = body.optionalInteger("upstream_port", 1, 65535).orElse(port);
    if (type.equals(MANUAL) && host.isBlank()) {
      throw body.violation("upstream_host", "missing, expected a host for the type 'manual'");
    }
    checkTheRest(body);
    return new ExposeOrder(name, type, host.strip(), (int) upstreamPort);
  }

  public boolean isManual() {
    return type.equals(MANUAL);
  }

  private static void checkTheRest(JsonFields body) {
    body.optionalInteger("service_port", 1, 65535);
    body.optionalInteger("node_port", 30000, 32767);
    if (body.optionalString("external_traffic_policy").isPresent()) {
      body.word("external_traffic_policy", "Cluster", POLICIES);
    }
    body.optionalString("load_balancer_ip");
    body.stringMap("service_annotations");
    body.stringMap("service_labels");
    body.decimal("wait_timeout_seconds", 0, 600, 60);
    body.decimal("wait_interval_seconds", 0.1, 10, 1);
    body.word("node_address_type", "InternalIP", ADDRESS_TYPES);
    body.optionalString("node_name");
    body.optionalString("node_label_selector");
  }
}
