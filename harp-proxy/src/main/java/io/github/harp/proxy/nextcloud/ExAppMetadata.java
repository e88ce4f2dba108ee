// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.address.Ports;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.proxy.json.JsonFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * Nextcloud's description of an ExApp: the answer of {@code exapp-meta} and the body of {@code POST
 * /exapp_storage}. Unknown members are ignored.
 */
public final class ExAppMetadata {

  private ExAppMetadata() {}

  /**
   * Reads a description.
   *
   * @throws io.github.harp.core.HarpException {@code BAD_REQUEST} when it is not one
   */
  public static ExApp read(AppId appId, JsonFields json) {
    return new ExApp(
        appId,
        line(json, "exapp_version"),
        new ExAppAddress(line(json, "host"), (int) json.integer("port", 0, Ports.HIGHEST)),
        Secret.of(json.string("exapp_token")),
        RouteTable.of(routes(json)));
  }

  /** What goes into a header of each request. */
  private static String line(JsonFields json, String name) {
    var text = json.string(name);
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw json.violation(name, "expected a text without control characters");
    }
    return text;
  }

  private static List<ExAppRoute> routes(JsonFields json) {
    var routes = new ArrayList<ExAppRoute>();
    for (var route : json.objects("routes")) {
      var statuses = new HashSet<Integer>();
      for (long status :
          route.integers("bruteforce_protection", Integer.MIN_VALUE, Integer.MAX_VALUE)) {
        statuses.add((int) status);
      }
      routes.add(new ExAppRoute(route.string("url"), level(route), statuses));
    }
    return routes;
  }

  /** The level of a route or a user. */
  static AccessLevel level(JsonFields json) {
    return AccessLevel.of((int) json.integer("access_level", 0, 2));
  }
}
