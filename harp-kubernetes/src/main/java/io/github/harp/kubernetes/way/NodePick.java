// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.way;

import static io.github.harp.core.HarpException.Code.UNAVAILABLE;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.kubernetes.api.ClusterApi;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which node a port of all nodes is reached by. Contract 8.7. */
record NodePick(ClusterApi api, Exposure.Node wanted) {

  String host() {
    var nodes = nodes();
    var ready = nodes.stream().filter(Readiness::isNodeReady).toList();
    return (ready.isEmpty() ? nodes : ready)
        .stream()
            .flatMap(node -> address(node).stream())
            .findFirst()
            .orElseThrow(
                () ->
                    new HarpException(
                        UNAVAILABLE,
                        "none of %d nodes%s%s has an address: expected one of type %s"
                            .formatted(
                                nodes.size(),
                                wanted.name().map(name -> " of the name " + name).orElse(""),
                                wanted.labelSelector().map(it -> " with " + it).orElse(""),
                                wanted.addressType())));
  }

  private List<Node> nodes() {
    var nodes = api.client().nodes().withLabelSelector(wanted.labelSelector().orElse("")).list();
    var name = wanted.name().filter(it -> !it.isBlank());
    return nodes.getItems().stream()
        .filter(node -> name.isEmpty() || name.get().equals(node.getMetadata().getName()))
        .toList();
  }

  private Optional<String> address(Node node) {
    return Stream.of(wanted.addressType(), "InternalIP", "ExternalIP", "Hostname")
        .flatMap(type -> of(type, node))
        .findFirst();
  }

  private static Stream<String> of(String type, Node node) {
    return Stream.ofNullable(node.getStatus())
        .flatMap(it -> it.getAddresses().stream())
        .filter(it -> type.equals(it.getType()))
        .map(NodeAddress::getAddress)
        .filter(it -> it != null && !it.isBlank());
  }
}
