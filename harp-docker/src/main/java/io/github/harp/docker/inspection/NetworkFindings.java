// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.notice.Finding;
import io.github.harp.docker.inspection.EngineNetworks.Container;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether the containers of ExApps are in networks in which they and HaRP find each other. For each
 * container the first rule that is broken becomes a finding.
 *
 * @param where the engine
 * @param own the container that HaRP runs in, where it is one of this engine's
 */
record NetworkFindings(String where, EngineNetworks networks, Optional<Container> own) {

  private static final Set<String> DEFAULT = Set.of("bridge", "default", "");
  private static final Set<String> WITHOUT_NAME = Set.of("bridge", "default", "host", "none", "");

  /**
   * @param ownId the id of the container that HaRP runs in, on whatever engine
   */
  static NetworkFindings of(String where, EngineNetworks networks, Optional<String> ownId) {
    return new NetworkFindings(
        where,
        networks,
        networks.containers().stream()
            .filter(it -> ownId.isPresent() && it.id().equals(ownId.get()))
            .findFirst());
  }

  List<Finding> judge() {
    if (networks.names().isEmpty()) {
      return List.of();
    }
    var findings = new ArrayList<Finding>();
    for (var container : networks.containers()) {
      if (container.isExApp()) {
        judge(container).ifPresent(findings::add);
      }
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok(summary()));
    }
    return findings;
  }

  private Optional<Finding> judge(Container exApp) {
    return networkIsGone(exApp)
        .or(() -> exApp.tunnelServer().flatMap(server -> dialsInToItself(exApp, server)))
        .or(() -> exApp.tunnelServer().flatMap(server -> cannotResolve(exApp, server)))
        .or(() -> hasNoNetworkWithUs(exApp));
  }

  private Optional<Finding> networkIsGone(Container exApp) {
    var mode = exApp.mode();
    if (WITHOUT_NAME.contains(mode)
        || mode.startsWith("container:")
        || networks.names().contains(mode)) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.failure(
            "%s on %s was made for the network '%s', which is not there any more; there are %s"
                .formatted(exApp.name(), where, mode, sorted(networks.names())),
            "the container can't be started, or is cut off",
            "docker network create "
                + mode
                + ", then deploy the ExApp again; or register the deploy daemon again with --net"
                + " and a network that exists"));
  }

  private Optional<Finding> dialsInToItself(Container exApp, String server) {
    if (exApp.mode().equals("host") || !IpAddresses.isThisHost(host(server))) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.failure(
            "%s on %s dials in at %s, and is in the network '%s'"
                .formatted(exApp.name(), where, server, exApp.mode()),
            "inside of a container that is the container itself: its tunnel never comes up, HaRP"
                + " answers 503 for it",
            "register the deploy daemon again with HaRP's address as containers see it, such as"
                + " --harp_frp_address harp:8782 --net nextcloud, or with --net host; then deploy"
                + " the ExApp again"));
  }

  private Optional<Finding> cannotResolve(Container exApp, String server) {
    if (!DEFAULT.contains(exApp.mode()) || !isContainerName(host(server))) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.warning(
            "%s on %s dials in at %s, and is in the engine's default network"
                .formatted(exApp.name(), where, server),
            "names of containers do not resolve there: unless the host's DNS knows '%s', its tunnel never comes up"
                .formatted(host(server)),
            "put HaRP into a network of its own, docker network create nextcloud, and register the"
                + " deploy daemon again with --net nextcloud; then deploy the ExApp again"));
  }

  private Optional<Finding> hasNoNetworkWithUs(Container exApp) {
    var needsOne = exApp.tunnelServer().map(it -> isContainerName(host(it))).orElse(true);
    if (own.isEmpty() || !needsOne || meet(exApp, own.get())) {
      return Optional.empty();
    }
    var ours = own.get();
    var means =
        exApp
            .tunnelServer()
            .map(it -> "it does not find " + it + ": its tunnel never comes up")
            .orElse("HaRP does not reach it, and it has no tunnel");
    var change =
        exApp.mode().equals("host")
            ? "run HaRP with --network host, too, or register the deploy daemon again with --net "
                + sorted(ours.networks()).first()
                + " and deploy the ExApp again"
            : "docker network connect "
                + sorted(exApp.networks()).first()
                + " "
                + ours.name()
                + " (in compose: one more entry below networks: of HaRP)";
    return Optional.of(
        Finding.failure(
            "%s on %s is in %s, HaRP's container %s in %s"
                .formatted(
                    exApp.name(),
                    where,
                    sorted(exApp.networks()),
                    ours.name(),
                    sorted(ours.networks())),
            means + "; HaRP answers 503 for it",
            change));
  }

  /** A HaRP in the host's network reaches them all; one that has stopped is in none. */
  private static boolean meet(Container exApp, Container ours) {
    return ours.mode().equals("host")
        || ours.networks().isEmpty()
        || exApp.networks().isEmpty()
        || !Collections.disjoint(exApp.networks(), ours.networks());
  }

  private String summary() {
    var text =
        new StringBuilder(where).append(" has the networks ").append(sorted(networks.names()));
    own.ifPresent(
        it -> text.append("; HaRP (").append(it.name()).append(") is in ").append(place(it)));
    networks.containers().stream()
        .filter(Container::isExApp)
        .forEach(it -> text.append("; ").append(it.name()).append(" is in ").append(place(it)));
    return text.toString();
  }

  private static String place(Container container) {
    return container.networks().isEmpty()
        ? container.mode()
        : String.join(", ", sorted(container.networks()));
  }

  private static TreeSet<String> sorted(Set<String> names) {
    return new TreeSet<>(names);
  }

  private static String host(String server) {
    int colon = server.lastIndexOf(':');
    return colon < 0 ? server : server.substring(0, colon);
  }

  /** Without a dot it is no name of the world's DNS. */
  private static boolean isContainerName(String host) {
    return !host.contains(".") && !host.contains(":") && !NetUtil.isValidIpV4Address(host);
  }
}
