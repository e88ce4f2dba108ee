// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import io.github.harp.core.notice.Amount;
import io.github.harp.core.notice.Visible;
import io.github.harp.launcher.Progress;
import io.github.harp.launcher.Shell;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The status of a gateway for somebody at a terminal. */
final class StatusScreen {

  /** What ends sooner is marked. */
  private static final long SOON_DAYS = 30;

  /** More rows of one kind than that are a number. */
  private static final int MOST_ROWS = 20;

  private final Shell shell;
  private final Clock clock;

  StatusScreen(Shell shell, Clock clock) {
    this.shell = shell;
    this.clock = clock;
  }

  void show(JsonObject status) {
    var isReady = status.getBoolean("ready", false);
    var since = Duration.between(Instant.parse(status.getString("since")), clock.instant());
    say(
        "HaRP %s  %s  for %s  %s"
            .formatted(
                text(status, "version"),
                isReady ? Paint.GREEN.on(shell, "ready") : Paint.RED.on(shell, "not ready"),
                length(since),
                text(status, "nextcloud")));
    var traffic = object(status, "traffic");
    var now = object(traffic, "now");
    say(
        "%s requests/s  %s errors/s  p50 %s ms  p99 %s ms  in %s/s  out %s/s  %d connections"
            .formatted(
                number(now, "requests"),
                number(now, "errors"),
                number(now, "p50_ms"),
                number(now, "p99_ms"),
                Amount.bytes(now.getLong("bytes_in", 0L)),
                Amount.bytes(now.getLong("bytes_out", 0L)),
                status.getInteger("open_connections", 0)));
    section("ExApps", status, "exapps", exApp -> exApp(exApp, object(traffic, "exapps")));
    section("engines", status, "engines", it -> List.of(text(it, "port"), text(it, "at")));
    section("orders under way", status, "orders", StatusScreen::order);
    section("tunnels", object(status, "tunnels"), "sessions", StatusScreen::tunnel);
    section("nodes", object(status, "cluster"), "nodes", this::node);
    section("further Nextclouds", status, "instances", StatusScreen::nextcloud);
    section("certificate of HTTPS", status, "https_certificates", this::certificate);
    section("certificates of tunnels", status, "certificates", this::certificate);
    section("bans", status, "bans", this::ban);
    remarks(status, "alarms", Paint.RED);
    remarks(status, "warnings", Paint.YELLOW);
  }

  private void section(
      String title, JsonObject of, String name, Function<JsonObject, List<String>> row) {
    var all = of.getJsonArray(name, new JsonArray());
    if (all.isEmpty()) {
      return;
    }
    say("");
    say(Paint.BOLD.on(shell, title + " (" + all.size() + ")"));
    var rows = all.stream().limit(MOST_ROWS).map(it -> row.apply((JsonObject) it)).toList();
    var widths = new TreeMap<Integer, Integer>();
    for (var cells : rows) {
      for (int i = 0; i < cells.size(); i++) {
        widths.merge(i, plainLength(cells.get(i)), Math::max);
      }
    }
    rows.forEach(cells -> say("  " + aligned(cells, widths)));
    if (all.size() > MOST_ROWS) {
      say("  and " + (all.size() - MOST_ROWS) + " more");
    }
  }

  private static String aligned(List<String> cells, Map<Integer, Integer> widths) {
    var line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      line.append(cells.get(i));
      if (i < cells.size() - 1) {
        line.append(" ".repeat(widths.getOrDefault(i, 0) - plainLength(cells.get(i)) + 2));
      }
    }
    return line.toString();
  }

  private static int plainLength(String cell) {
    return cell.replaceAll("\u001b\\[[0-9]*m", "").length();
  }

  private List<String> exApp(JsonObject exApp, JsonObject recent) {
    var traffic = object(recent, exApp.getString("id"));
    var way = text(exApp, "way");
    var isAway = way.equals("tunnel_away") || way.equals("tunnel_of_another");
    return List.of(
        text(exApp, "id"),
        text(exApp, "version"),
        text(exApp, "host") + ":" + text(exApp, "port"),
        isAway ? Paint.RED.on(shell, way.replace('_', ' ')) : way,
        number(traffic, "requests") + " requests/s",
        number(traffic, "errors") + " errors/s",
        "p99 " + number(traffic, "p99_ms") + " ms");
  }

  private static List<String> order(JsonObject order) {
    var time = text(order, "seconds") + " s";
    return order.containsKey("percent")
        ? List.of(
            text(order, "place"),
            text(order, "what"),
            time,
            Progress.bar(order.getInteger("percent")))
        : List.of(text(order, "place"), text(order, "what"), time);
  }

  private static List<String> tunnel(JsonObject session) {
    var names =
        objects(session, "proxies")
            .map(it -> text(it, "name") + ":" + text(it, "port"))
            .collect(Collectors.joining(" "));
    return List.of(
        names.isEmpty() ? "no port" : names,
        text(session, "address"),
        "frp " + text(session, "frp"),
        session.getBoolean("tls", false) ? "TLS" : "no TLS",
        session.getValue("round_trip_ms") == null
            ? "round trip unknown"
            : "round trip " + number(session, "round_trip_ms") + " ms",
        text(session, "streams") + " streams",
        "in " + Amount.bytes(session.getLong("bytes_in", 0L)),
        "out " + Amount.bytes(session.getLong("bytes_out", 0L)));
  }

  private List<String> node(JsonObject node) {
    var state = text(node, "state");
    return List.of(
        text(node, "name"),
        state.equals("this") || state.equals("present") ? state : Paint.YELLOW.on(shell, state),
        text(node, "version"),
        node.containsKey("link") ? link(object(node, "link")) : "");
  }

  private String link(JsonObject link) {
    var trouble = text(link, "trouble");
    if (!trouble.isEmpty()) {
      return Paint.RED.on(shell, "no link: " + trouble);
    }
    return link.getBoolean("connected", false)
        ? "linked, " + text(link, "streams") + " streams"
        : "link at rest";
  }

  private static List<String> nextcloud(JsonObject instance) {
    return List.of(
        text(instance, "name"),
        text(instance, "nextcloud"),
        instance.getJsonArray("exapps", new JsonArray()).size() + " ExApps",
        instance.getJsonArray("engines", new JsonArray()).size() + " engines");
  }

  private List<String> certificate(JsonObject certificate) {
    if (certificate.containsKey("problem")) {
      return List.of(text(certificate, "file"), Paint.RED.on(shell, text(certificate, "problem")));
    }
    long days =
        Duration.between(clock.instant(), Instant.parse(certificate.getString("not_after")))
            .toDays();
    var end = text(certificate, "not_after").substring(0, 10) + ", " + days + " days";
    return List.of(
        text(certificate, "file"),
        days < 0 ? Paint.RED.on(shell, end) : days < SOON_DAYS ? Paint.YELLOW.on(shell, end) : end);
  }

  private List<String> ban(JsonObject ban) {
    var reasons =
        objects(ban, "events")
            .collect(
                Collectors.groupingBy(
                    it -> text(it, "reason"), TreeMap::new, Collectors.counting()));
    return List.of(
        ban.getBoolean("banned", false) ? Paint.RED.on(shell, "banned") : "counted",
        text(ban, "address"),
        text(ban, "list"),
        reasons.entrySet().stream()
            .map(it -> it.getKey() + " " + it.getValue() + "x")
            .collect(Collectors.joining(", ")));
  }

  private void remarks(JsonObject status, String name, Paint paint) {
    for (var remark : status.getJsonArray(name, new JsonArray())) {
      say(paint.on(shell, String.valueOf(remark)));
    }
  }

  private void say(String line) {
    shell.out().println(line);
  }

  private static Stream<JsonObject> objects(JsonObject of, String name) {
    return of.getJsonArray(name, new JsonArray()).stream().map(JsonObject.class::cast);
  }

  private static JsonObject object(JsonObject of, String name) {
    return of.getJsonObject(name, new JsonObject());
  }

  private static String text(JsonObject of, String name) {
    var value = of.getValue(name);
    return value == null ? "" : Visible.text(String.valueOf(value));
  }

  private static String number(JsonObject of, String name) {
    double value = of.getDouble(name, 0.0);
    return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
  }

  private static String length(Duration time) {
    if (time.toDays() > 1) {
      return time.toDays() + " days";
    }
    return time.toHours() > 1 ? time.toHours() + " hours" : time.toMinutes() + " minutes";
  }
}
