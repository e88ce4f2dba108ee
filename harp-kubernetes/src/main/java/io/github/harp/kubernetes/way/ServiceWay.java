// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.way;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceStatus;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.Markings;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a Service is reached, by what it says and what its exposure was told. Contract 8.7. */
record ServiceWay(ClusterApi api, Service service) {

  /** Empty while it has no address or port. */
  Optional<ExAppAddress> address() {
    return port().flatMap(port -> host().map(host -> new ExAppAddress(host, port)));
  }

  String type() {
    return Optional.ofNullable(service.getSpec().getType()).orElse("ClusterIP");
  }

  private Optional<Integer> port() {
    return Optional.of(Expose.BY_HAND).equals(Markings.told(service, Markings.EXPOSE_TYPE))
        ? Markings.toldPort(service)
        : portOfService();
  }

  private Optional<Integer> portOfService() {
    return service.getSpec().getPorts().stream()
        .findFirst()
        .map(type().equals("NodePort") ? ServicePort::getNodePort : ServicePort::getPort)
        .filter(port -> port > 0);
  }

  private Optional<String> host() {
    return Markings.told(service, Markings.UPSTREAM_HOST)
        .or(
            () ->
                switch (type()) {
                  case "NodePort" -> Optional.of(new NodePick(api, node()).host());
                  case "LoadBalancer" -> ingress();
                  default -> Optional.of(inCluster());
                });
  }

  /** W24: what was told when it was exposed. */
  private Exposure.Node node() {
    return new Exposure.Node(
        Markings.told(service, Markings.NODE_ADDRESS_TYPE).orElse("InternalIP"),
        Markings.told(service, Markings.NODE_NAME),
        Markings.told(service, Markings.NODE_SELECTOR));
  }

  private String inCluster() {
    var ip = service.getSpec().getClusterIP();
    return ip == null || ip.isEmpty() || ip.equals("None")
        ? service.getMetadata().getName() + "." + api.client().getNamespace() + ".svc"
        : ip;
  }

  private Optional<String> ingress() {
    return Optional.ofNullable(service.getStatus()).map(ServiceStatus::getLoadBalancer).stream()
        .flatMap(it -> it.getIngress().stream())
        .flatMap(it -> Stream.of(it.getIp(), it.getHostname()))
        .filter(it -> it != null && !it.isBlank())
        .findFirst();
  }
}
