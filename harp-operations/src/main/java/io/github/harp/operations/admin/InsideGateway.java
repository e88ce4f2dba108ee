// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.ExApp;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.upstream.Engines;
import io.github.harp.operations.Examination;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.TunnelView;
import io.github.harp.operations.doctor.Doctors;
import io.github.harp.operations.outside.Outside;
import io.github.harp.tunnel.pki.CertificateReport;
import io.github.harp.tunnel.server.TunnelStatus;
import io.netty.util.NetUtil;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/**
 * A running gateway as its operator sees it. Holds no secret in what it shows. Only {@link
 * #isReady} is asked on an event loop; the others may block.
 */
final class InsideGateway {

  private final GatewayView gateway;
  private final SharedKey key;
  private final String version;
  private final Identity identity;
  private final Instant since = Instant.now();

  InsideGateway(GatewayView gateway) {
    this.gateway = gateway;
    var facts = gateway.facts().get();
    this.key = facts.nextcloud().key();
    this.version = facts.version();
    this.identity = new Identity(key);
  }

  /** Of the program. */
  String version() {
    return version;
  }

  /** Whether all listeners are open. */
  boolean isReady() {
    return gateway.ready().getAsBoolean();
  }

  /** What {@link Identity#proof} answers. */
  String proof(String nonce) {
    return identity.proof(nonce);
  }

  /** Whether this is the shared key. */
  boolean accepts(String shown) {
    return key.matches(shown);
  }

  /** In Prometheus' text format. */
  String metrics() {
    return gateway.metrics().get();
  }

  /** Looks for what is wrong; asks Nextcloud, engines and ExApps. */
  Examination examine(Optional<String> publicUrl) {
    var proxy = gateway.proxy();
    try (var outside = Outside.of(proxy.vertx(), proxy.hostNames())) {
      return Doctors.forRunning(gateway, outside, publicUrl).examine();
    }
  }

  /** Everything worth knowing that needs no question to anybody. */
  JsonObject status() {
    var facts = gateway.facts().get();
    var status =
        new JsonObject()
            .put("version", version)
            .put("since", since.toString())
            .put("ready", isReady())
            .put("nextcloud", facts.nextcloud().url())
            .put("instances", instances())
            .put("listeners", listeners())
            .put("open_connections", gateway.proxy().openConnections())
            .put("engines", engines(gateway.engines()))
            .put("exapps", exApps(gateway.instance().records().all()))
            .put("bans", bans())
            .put("alarms", new JsonArray(facts.settings().alarms()))
            .put("warnings", new JsonArray(facts.settings().warnings()));
    gateway.tunnels().ifPresent(tunnels -> addTunnels(status, tunnels));
    gateway.nodes().ifPresent(nodes -> status.put("cluster", nodes.status().get()));
    return status;
  }

  /** All addresses with failures that count. */
  JsonArray bans() {
    var bans = new JsonArray();
    for (var list : gateway.bans()) {
      list.entries().forEach(entry -> bans.add(ban(list, entry)));
    }
    return bans;
  }

  /** Forgets the failures of one address, or all; how many lists had some. */
  int clearBans(Optional<InetAddress> address) {
    var cleared = 0;
    for (var list : gateway.bans()) {
      if (address.isEmpty()) {
        cleared += list.entries().isEmpty() ? 0 : 1;
        list.clear();
      } else if (list.clear(address.get())) {
        cleared++;
      }
    }
    return cleared;
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

  private JsonArray instances() {
    var list = new JsonArray();
    for (var neighbour : gateway.neighbours()) {
      list.add(
          new JsonObject()
              .put("name", neighbour.instance().name().text())
              .put("nextcloud", neighbour.url())
              .put("engines", engines(neighbour.engines()))
              .put("exapps", exApps(neighbour.instance().records().all())));
    }
    return list;
  }

  private static JsonArray engines(Engines engines) {
    var list = new JsonArray();
    for (var number : engines.numbers()) {
      var upstream = engines.find(number);
      upstream.ifPresent(
          found ->
              list.add(new JsonObject().put("port", number.value()).put("at", found.toString())));
    }
    return list;
  }

  private static void addTunnels(JsonObject status, TunnelView tunnels) {
    status.put("tunnels", tunnels(tunnels.status().get()));
    tunnels
        .certificates()
        .ifPresent(report -> status.put("certificates", certificates(report.get())));
  }

  private static JsonObject tunnels(TunnelStatus status) {
    var sessions = new JsonArray();
    status.sessions().forEach(session -> sessions.add(session(session)));
    return new JsonObject()
        .put("sessions", sessions)
        .put("not_logged_in", status.newConnections())
        .put("held_bytes", status.heldBytes());
  }

  private static JsonObject session(TunnelStatus.Session session) {
    var proxies = new JsonArray();
    for (var open : session.proxies()) {
      proxies.add(
          new JsonObject()
              .put("name", open.name())
              .put("port", open.remotePort())
              .put("since", open.since().toString()));
    }
    return new JsonObject()
        .put("identity", session.identity().toString())
        .put("address", NetUtil.toSocketAddressString(session.address()))
        .put("frp", session.clientVersion())
        .put("tls", session.tls())
        .put("since", session.since().toString())
        .put("proxies", proxies)
        .put("streams", session.streams())
        .put("idle_streams", session.idle())
        .put("bytes_in", session.bytesIn())
        .put("bytes_out", session.bytesOut());
  }

  private static JsonArray exApps(Collection<ExApp> exApps) {
    var list = new JsonArray();
    for (var exApp : exApps) {
      list.add(
          new JsonObject()
              .put("id", exApp.id().text())
              .put("version", exApp.version())
              .put("host", exApp.address().host())
              .put("port", exApp.address().port())
              .put("routes", exApp.routes().routes().size()));
    }
    return list;
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
}
