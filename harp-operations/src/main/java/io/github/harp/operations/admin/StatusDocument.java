// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.notice.ClusterNode;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.GatewayView.Served;
import io.github.harp.operations.NodesView;
import io.github.harp.operations.TunnelView;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.tunnel.link.LinkStatus;
import io.github.harp.tunnel.pki.CertificateReport;
import io.github.harp.tunnel.server.TunnelIdentity;
import io.github.harp.tunnel.server.TunnelStatus;
import io.netty.util.NetUtil;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** What a gateway knows of itself without a question to anybody, as JSON. Holds no secret. */
final class StatusDocument {

  private static final int MOST_REFUSED = 8;

  private final GatewayView gateway;
  private final Instant since;

  /**
   * @param since it runs
   */
  StatusDocument(GatewayView gateway, Instant since) {
    this.gateway = gateway;
    this.since = since;
  }

  JsonObject now(boolean isReady) {
    var facts = gateway.facts().get();
    var nextclouds = gateway.nextclouds().get();
    var first = of(nextclouds.get(0));
    var status =
        new JsonObject()
            .put("version", facts.version())
            .put("since", since.toString())
            .put("ready", isReady)
            .put("instances", instances(nextclouds))
            .put("listeners", listeners())
            .put("https_certificates", httpsCertificates(facts.listeners().httpsCertificate()))
            .put("open_connections", gateway.proxy().openConnections())
            .put("traffic", traffic(first))
            .put("orders", orders(nextclouds))
            .put("bans", bans(gateway.bans().get()))
            .put("refused", WhyAnswers.json(gateway.memory().recent().refused(MOST_REFUSED)))
            .put("alarms", new JsonArray(facts.settings().alarms()))
            .put("warnings", new JsonArray(facts.settings().warnings()));
    first.addTo(status);
    gateway.tunnels().ifPresent(tunnels -> addTunnels(status, tunnels));
    gateway.nodes().ifPresent(nodes -> status.put("cluster", json(nodes)));
    return status;
  }

  /** What is one Nextcloud's own; hardly anything when it is served no more. */
  JsonObject of(boolean isReady, List<Served> nextclouds) {
    var status =
        new JsonObject()
            .put("version", gateway.facts().get().version())
            .put("since", since.toString())
            .put("ready", isReady);
    for (var each : nextclouds) {
      var own = of(each);
      own.addTo(status);
      status
          .put("traffic", new JsonObject().put("exapps", own.traffic()))
          .put("orders", orders(List.of(each)))
          .put("bans", bans(own.ownBans()))
          .put(
              "refused",
              WhyAnswers.json(
                  gateway.memory().recent().refusedBy(own.name()::equals, MOST_REFUSED)));
      gateway
          .tunnels()
          .ifPresent(
              it -> {
                var sessions = sessions(it.status().get(), own.served()::hasTunnel);
                status.put("tunnels", new JsonObject().put("sessions", sessions));
              });
    }
    return status;
  }

  /** All addresses with failures that count. */
  static JsonArray bans(List<Failures> lists) {
    var bans = new JsonArray();
    for (var list : lists) {
      list.entries().forEach(entry -> bans.add(ban(list, entry)));
    }
    return bans;
  }

  private JsonObject listeners() {
    return new JsonObject()
        .put("http", addresses(gateway.proxy().addresses()))
        .put("https", addresses(gateway.proxy().tlsAddresses()));
  }

  private static JsonArray addresses(Collection<InetSocketAddress> addresses) {
    var list = new JsonArray();
    addresses.forEach(address -> list.add(NetUtil.toSocketAddressString(address)));
    return list;
  }

  private NextcloudStatus of(Served nextcloud) {
    return new NextcloudStatus(gateway, nextcloud);
  }

  /** Those beside the first, of which the rest of the document is. */
  private JsonArray instances(List<Served> nextclouds) {
    var list = new JsonArray();
    nextclouds.stream().skip(1).map(this::of).forEach(it -> list.add(it.whole()));
    return list;
  }

  private JsonArray orders(List<Served> nextclouds) {
    var list = new JsonArray();
    nextclouds.stream().map(this::of).flatMap(NextcloudStatus::orders).forEach(list::add);
    return list;
  }

  private static void addTunnels(JsonObject status, TunnelView tunnels) {
    status.put("tunnels", tunnels(tunnels.status().get()));
    tunnels
        .certificates()
        .ifPresent(report -> status.put("certificates", certificates(report.get())));
  }

  private static JsonObject tunnels(TunnelStatus status) {
    return new JsonObject()
        .put("sessions", sessions(status, every -> true))
        .put("not_logged_in", status.newConnections())
        .put("held_bytes", status.heldBytes())
        .put(
            "introductions",
            new JsonObject()
                .put("begun", status.introductions().begun())
                .put("made", status.introductions().made())
                .put("met", status.introductions().met())
                .put("missed", status.introductions().missed())
                .put("last_miss", status.introductions().lastMiss())
                .put("relayed", status.introductions().relayed()));
  }

  private static double milliseconds(Duration time) {
    return time.toNanos() / 1e6;
  }

  private static JsonArray sessions(TunnelStatus status, Predicate<TunnelIdentity> whose) {
    var sessions = new JsonArray();
    status.sessions().stream()
        .filter(it -> whose.test(it.identity()))
        .forEach(it -> sessions.add(session(it)));
    return sessions;
  }

  private static JsonObject session(TunnelStatus.Session session) {
    var proxies = new JsonArray();
    for (var open : session.proxies()) {
      proxies.add(
          new JsonObject()
              .put("name", open.name())
              .put("type", open.type().toString())
              .put("port", open.remotePort())
              .put("since", open.since().toString()));
    }
    return new JsonObject()
        .put("identity", session.identity().toString())
        .put("address", NetUtil.toSocketAddressString(session.address()))
        .put("frp", session.clientVersion())
        .put("tls", session.tls())
        .put("transport", session.transport())
        .put("multiplexed", session.multiplexed())
        .put("round_trip_ms", session.roundTrip().map(StatusDocument::milliseconds).orElse(null))
        .put("since", session.since().toString())
        .put("proxies", proxies)
        .put("streams", session.streams())
        .put("idle_streams", session.idle())
        .put("bytes_in", session.bytesIn())
        .put("bytes_out", session.bytesOut());
  }

  private JsonObject traffic(NextcloudStatus first) {
    return new JsonObject()
        .put("now", NextcloudStatus.json(gateway.memory().traffic().now()))
        .put("exapps", first.traffic());
  }

  private static JsonObject ban(Failures list, Failures.Entry entry) {
    var events = new JsonArray();
    for (var event : entry.failures()) {
      events.add(
          new JsonObject()
              .put("reason", event.reason())
              .put("seconds_ago", event.age().toSeconds()));
    }
    return new JsonObject()
        .put("list", list.name())
        .put("address", IpAddresses.text(entry.network()))
        .put("banned", entry.banned())
        .put("events", events);
  }

  /** The server's own; without it where it can't be read, which the doctor explains. */
  private static JsonArray httpsCertificates(Optional<Path> file) {
    var list = new JsonArray();
    file.ifPresent(it -> list.add(httpsCertificate(it)));
    return list;
  }

  private static JsonObject httpsCertificate(Path file) {
    var json = new JsonObject().put("file", file.toString());
    try {
      var certificate = HarpProxy.certificatesIn(file).get(0);
      return json.put("subject", certificate.getSubjectX500Principal().getName())
          .put("not_after", certificate.getNotAfter().toInstant().toString());
    } catch (IllegalArgumentException e) {
      return json.put("problem", e.getMessage());
    }
  }

  private static JsonArray certificates(CertificateReport report) {
    var list = new JsonArray();
    for (var entry : report.entries()) {
      list.add(
          new JsonObject()
              .put("file", entry.file())
              .put("subject", entry.subject())
              .put("not_after", entry.notAfter().toString())
              .put("sha256", entry.sha256())
              .put("signed_by_authority", entry.signedByAuthority()));
    }
    return list;
  }

  /** What a node knows of the others. */
  private static JsonObject json(NodesView view) {
    var status = view.status().get();
    var links = view.links().get();
    var nodes = new JsonArray();
    for (var node : status.nodes()) {
      var shown = json(node);
      links.stream()
          .filter(link -> link.node().equals(node.name()))
          .forEach(link -> shown.put("link", json(link)));
      nodes.add(shown);
    }
    return new JsonObject()
        .put("nodes", nodes)
        .put("joined", status.joined())
        .put("troubles", new JsonArray(status.troubles()))
        .put("heard", status.heard())
        .put("refused", status.refused())
        .put("gaps", status.gaps())
        .put("waiting_bytes", status.waitingBytes())
        .put("left_out", status.leftOut())
        .put("orphans", new JsonArray(status.orphans()));
  }

  private static JsonObject json(ClusterNode node) {
    return new JsonObject()
        .put("name", node.name())
        .put("state", node.state().name().toLowerCase(Locale.ROOT))
        .put("version", node.version())
        .put("key", node.key())
        .put("silent_seconds", node.silent().toSeconds())
        .put("differences", new JsonArray(node.differences()));
  }

  private static JsonObject json(LinkStatus link) {
    return new JsonObject()
        .put("connected", link.connected())
        .put("streams", link.streams())
        .put("trouble", link.trouble());
  }
}
