// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.operations.admin.door.Administrator;
import io.github.harp.operations.admin.door.Words;
import io.github.harp.operations.traffic.Traffic;
import io.github.harp.operations.traffic.TrafficSample;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Tells pages that are open what happens, as a stream of events: the traffic of each second, and
 * the status every other. One that does not take them is closed. Confined to the end-point's event
 * loop.
 */
final class LiveStatus {

  private static final int MOST_PAGES = 32;
  private static final int SECONDS_BETWEEN_STATUS = 2;

  private final Vertx vertx;
  private final Traffic traffic;
  private final InsideGateway inside;
  private final List<Page> pages = new ArrayList<>();
  private int ticks;
  private boolean isLooking;

  private record Page(HttpServerResponse events, Administrator visitor, BooleanSupplier lasts) {}

  LiveStatus(Vertx vertx, Traffic traffic, InsideGateway inside) {
    this.vertx = vertx;
    this.traffic = traffic;
    this.inside = inside;
  }

  /**
   * Opens a stream of events.
   *
   * @param lasts whether its reader may still see them
   */
  void open(RoutingContext context, Administrator visitor, BooleanSupplier lasts) {
    if (pages.size() >= MOST_PAGES) {
      Words.say(context, 503, MOST_PAGES + " pages are open already");
      return;
    }
    var page =
        new Page(
            context
                .response()
                .setChunked(true)
                .putHeader("content-type", "text/event-stream")
                .putHeader("x-accel-buffering", "no"),
            visitor,
            lasts);
    pages.add(page);
    page.events.closeHandler(closed -> pages.remove(page));
    page.events.write(inside.seesAll(visitor) ? event("history", history()) : ": nothing yet\n\n");
    look();
  }

  private JsonObject history() {
    return new JsonObject()
        .put("minute", json(traffic.lastMinute()))
        .put("hour", json(traffic.lastHour()))
        .put("day", json(traffic.lastDay()));
  }

  private static JsonArray json(List<TrafficSample> samples) {
    var array = new JsonArray();
    samples.forEach(sample -> array.add(NextcloudStatus.json(sample)));
    return array;
  }

  /** Once a second. */
  void tick() {
    traffic.tick();
    if (pages.isEmpty()) {
      return;
    }
    var minute = traffic.lastMinute();
    if (!minute.isEmpty()) {
      var sample = NextcloudStatus.json(minute.get(minute.size() - 1));
      tell(event("sample", sample), inside::seesAll);
    }
    if (++ticks % SECONDS_BETWEEN_STATUS == 0) {
      look();
    }
    if (ticks % 60 == 0) {
      tell(event("history", history()), inside::seesAll);
    }
  }

  /** At one status at a time, however long that takes. */
  private void look() {
    if (isLooking) {
      return;
    }
    isLooking = true;
    var visitors = pages.stream().map(Page::visitor).distinct().toList();
    vertx
        .executeBlocking(
            () -> visitors.stream().collect(Collectors.toMap(it -> it, inside::status)), false)
        .onComplete(
            seen -> {
              isLooking = false;
              if (seen.succeeded()) {
                seen.result()
                    .forEach((visitor, status) -> tell(event("status", status), visitor::equals));
              }
            });
  }

  private void tell(String event, Predicate<Administrator> whom) {
    for (var page : List.copyOf(pages)) {
      if (!page.lasts.getAsBoolean() || page.events.writeQueueFull()) {
        pages.remove(page);
        page.events.end();
      } else if (whom.test(page.visitor)) {
        page.events.write(event);
      }
    }
  }

  private static String event(String name, JsonObject data) {
    return "event: " + name + "\ndata: " + data.encode() + "\n\n";
  }
}
