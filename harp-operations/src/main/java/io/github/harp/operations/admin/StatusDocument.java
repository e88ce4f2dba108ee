// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.OrderUnderWay;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.upstream.Engines;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.GatewayView.Served;
import io.github.harp.operations.TunnelView;
import io.github.harp.operations.traffic.Sample;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.ImagePull;
import io.github.harp.tunnel.pki.CertificateReport;
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
import java.util.stream.Stream;

/** What a gateway knows of itself without a question to anybody, as JSON. Holds no secret. */
final class StatusDocument {

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
    var first = nextclouds.get(0);
    var status =
        new JsonObject()
            .put("version", facts.version())
            .put("since", since.toString())
            .put("ready", isReady)
            .put("nextcloud", first.facts().url())
            .put("instances", instances(nextclouds))
            .put("listeners", listeners())
            .put("https_certificates", httpsCertificates(facts.listeners().httpsCertificate()))
            .put("open_connections", gateway.proxy().openConnections())
            .put("engines", engines(first.engines()))
            .put("exapps", exApps(first))
            .put("traffic", traffic())
            .put("orders", orders(nextclouds))
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
    for (var list : gateway.bans().get()) {
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

  /** Those beside the first, of which the rest of the document is. */
  private static JsonArray instances(List<Served> nextclouds) {
    var list = new JsonArray();
    for (var each : nextclouds.subList(1, nextclouds.size())) {
      list.add(
          new JsonObject()
              .put("name", each.facts().name().text())
              .put("nextcloud", each.facts().url())
              .put("engines", engines(each.engines()))
              .put("exapps", exApps(each)));
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

  private JsonArray orders(List<Served> nextclouds) {
    var list = new JsonArray();
    nextclouds.forEach(it -> addOrders(list, it.engines(), it.runtimes()));
    gateway.proxy().pulls().forEach(it -> list.add(json(it)));
    return list;
  }

  private static void addOrders(JsonArray list, Engines engines, ExAppRuntimes runtimes) {
    Stream.concat(engines.numbers().stream().map(Place::engine), runtimes.besideEngines().stream())
        .flatMap(place -> underWay(runtimes, place))
        .forEach(it -> list.add(order(it.place(), it.what(), it.since())));
  }

  private static JsonObject json(ImagePull pull) {
    var order = order(Place.engine(pull.engine()), "pull image " + pull.image(), pull.since());
    pull.percent().ifPresent(percent -> order.put("percent", percent));
    return order;
  }

  private static JsonObject order(Place place, String what, Duration since) {
    return new JsonObject()
        .put("place", place.toString())
        .put("what", what)
        .put("seconds", since.toSeconds());
  }

  private static Stream<OrderUnderWay> underWay(ExAppRuntimes runtimes, Place place) {
    try {
      return runtimes.at(place).underWay().stream();
    } catch (HarpException gone) {
      return Stream.empty();
    }
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
        .put("held_bytes", status.heldBytes())
        .put(
            "introductions",
            new JsonObject()
                .put("begun", status.introductions().begun())
                .put("made", status.introductions().made())
                .put("met", status.introductions().met()));
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
        .put("since", session.since().toString())
        .put("proxies", proxies)
        .put("streams", session.streams())
        .put("idle_streams", session.idle())
        .put("bytes_in", session.bytesIn())
        .put("bytes_out", session.bytesOut());
  }

  private JsonObject traffic() {
    var exApps = new JsonObject();
    gateway.memory().traffic().ofExApps().forEach((id, recent) -> exApps.put(id, json(recent)));
    return new JsonObject()
        .put("now", json(gateway.memory().traffic().now()))
        .put("exapps", exApps);
  }

  static JsonObject json(Sample sample) {
    return new JsonObject()
        .put("at", sample.at())
        .put("requests", sample.requests())
        .put("errors", sample.errors())
        .put("bytes_in", sample.bytesIn())
        .put("bytes_out", sample.bytesOut())
        .put("p50_ms", sample.median())
        .put("p99_ms", sample.p99());
  }

  private static JsonArray exApps(Served nextcloud) {
    var list = new JsonArray();
    for (var exApp : nextcloud.instance().records().all()) {
      list.add(
          new JsonObject()
              .put("id", exApp.id().text())
              .put("version", exApp.version())
              .put("host", exApp.address().host())
              .put("port", exApp.address().port())
              .put("way", nextcloud.ways().apply(exApp).name().toLowerCase(Locale.ROOT))
              .put("routes", exApp.routes().routes().size())
              .put("open_to", openTo(exApp)));
    }
    return list;
  }

  private static JsonObject openTo(ExApp exApp) {
    var routes = new JsonObject();
    for (var level : AccessLevel.values()) {
      var count = exApp.routes().routes().stream().filter(it -> it.level() == level).count();
      routes.put(level.name().toLowerCase(Locale.ROOT), count);
    }
    return routes;
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
}
