// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.runtime.OrderUnderWay;
import io.github.harp.core.runtime.Place;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.GatewayView.Served;
import io.github.harp.operations.observe.Heartbeats.Heartbeat;
import io.github.harp.operations.traffic.TrafficSample;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a gateway knows of one Nextcloud that it serves, as JSON. Holds no secret. */
record NextcloudStatus(GatewayView gateway, Served served) {

  private static final int MOST_ROUTES = 1_000;

  InstanceName name() {
    return served.facts().name();
  }

  /** With all of this, one is a member of the list of Nextclouds. */
  JsonObject whole() {
    var status = new JsonObject().put("name", name().text());
    addTo(status);
    return status.put("traffic", new JsonObject().put("exapps", traffic()));
  }

  void addTo(JsonObject status) {
    status
        .put("nextcloud", served.facts().url())
        .put("engines", engines())
        .put("clusters", clusters())
        .put("exapps", exApps());
  }

  /** What its ExApps had to do lately. */
  JsonObject traffic() {
    var exApps = new JsonObject();
    gateway.memory().traffic().ofExApps(name()).forEach((id, it) -> exApps.put(id, json(it)));
    return exApps;
  }

  static JsonObject json(TrafficSample sample) {
    return new JsonObject()
        .put("at", sample.at())
        .put("requests", sample.requests())
        .put("errors", sample.errors())
        .put("bytes_in", sample.bytesIn())
        .put("bytes_out", sample.bytesOut())
        .put("p50_ms", sample.median())
        .put("p99_ms", sample.p99());
  }

  private JsonArray engines() {
    var list = new JsonArray();
    for (var number : served.engines().numbers()) {
      var upstream = served.engines().find(number);
      upstream.ifPresent(
          found ->
              list.add(new JsonObject().put("port", number.value()).put("at", found.toString())));
    }
    return list;
  }

  private JsonArray clusters() {
    var list = new JsonArray();
    served.runtimes().besideEngines().ifPresent(it -> list.add(it.toString()));
    return list;
  }

  private JsonArray exApps() {
    var list = new JsonArray();
    served.instance().records().all().forEach(exApp -> list.add(exApp(exApp)));
    return list;
  }

  private JsonObject exApp(ExApp exApp) {
    var json =
        new JsonObject()
            .put("id", exApp.id().text())
            .put("version", exApp.version())
            .put("host", exApp.address().host())
            .put("port", exApp.address().port())
            .put("way", served.ways().apply(exApp).name().toLowerCase(Locale.ROOT))
            .put("routes", exApp.routes().routes().size())
            .put("open_to", openTo(exApp));
    gateway
        .memory()
        .heartbeats()
        .of(name(), exApp.id())
        .ifPresent(it -> json.put("heartbeat", json(it)));
    return json;
  }

  private static JsonObject json(Heartbeat heartbeat) {
    return new JsonObject().put("at", heartbeat.at().toString()).put("status", heartbeat.status());
  }

  private static JsonObject openTo(ExApp exApp) {
    var routes = new JsonObject();
    for (var level : AccessLevel.values()) {
      var count = exApp.routes().routes().stream().filter(it -> it.level() == level).count();
      routes.put(level.name().toLowerCase(Locale.ROOT), count);
    }
    return routes;
  }

  /** What of an ExApp whom is open; empty for one that is not known here. */
  Optional<JsonArray> routes(AppId id) {
    return served.instance().records().all().stream()
        .filter(exApp -> exApp.id().equals(id))
        .findFirst()
        .map(NextcloudStatus::routes);
  }

  private static JsonArray routes(ExApp exApp) {
    var list = new JsonArray();
    exApp.routes().routes().stream()
        .limit(MOST_ROUTES)
        .forEach(
            it ->
                list.add(
                    new JsonObject()
                        .put("url", it.url())
                        .put("level", it.level().name().toLowerCase(Locale.ROOT))));
    return list;
  }

  /** AppAPI's orders for it, and images that are pulled. */
  Stream<JsonObject> orders() {
    var places =
        Stream.concat(
            served.engines().numbers().stream().map(Place::engine),
            served.runtimes().besideEngines().stream());
    var orders = places.flatMap(this::underWay).map(it -> order(it.place(), it.what(), it.since()));
    var pulls =
        gateway.proxy().pulls().stream()
            .filter(it -> it.whose().equals(served.instance()))
            .map(
                it -> {
                  var what = "pull image " + it.image();
                  var order = order(Place.engine(it.engine()), what, it.since());
                  it.percent().ifPresent(percent -> order.put("percent", percent));
                  return order;
                });
    return Stream.concat(orders, pulls);
  }

  private Stream<OrderUnderWay> underWay(Place place) {
    try {
      return served.runtimes().at(place).underWay().stream();
    } catch (HarpException gone) {
      return Stream.empty();
    }
  }

  private JsonObject order(Place place, String what, Duration since) {
    return new JsonObject()
        .put("place", name().mark(place.toString()))
        .put("what", what)
        .put("seconds", since.toSeconds());
  }

  /** Lists of failures that are of nobody else. */
  List<Failures> ownBans() {
    return List.of(served.instance().bans().users(), served.instance().bans().bySites());
  }
}
