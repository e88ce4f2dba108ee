// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.access.Trace;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.path.PathForms;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteMatch;
import io.github.harp.proxy.Explanation.Step;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The steps of a decision in words. */
final class ToldSteps implements Trace {

  /** Nobody reads more, and a manifest may have a thousand. */
  private static final int MOST_ROUTES = 100;

  private static final RouteMatch.Cases<String> IN_WORDS =
      new RouteMatch.Cases<>() {
        @Override
        public String found(RouteMatch.Found found) {
          return "matches ";
        }

        @Override
        public String none() {
          return "does not match ";
        }

        @Override
        public String undecided() {
          return "takes too long to compare with ";
        }
      };

  private final List<Step> steps = new ArrayList<>();
  private final Map<ExAppRoute, String> tried = new HashMap<>();
  private List<ExAppRoute> routes = List.of();
  private InetAddress client = InetAddress.getLoopbackAddress();
  private boolean areJudged;
  private @Nullable Failures list;

  List<Step> steps() {
    return steps;
  }

  private void tell(String what, String seen) {
    steps.add(new Step(what, seen));
  }

  @Override
  public void caller(Instance instance, InetAddress address, boolean hasKey) {
    client = address;
    if (!instance.name().isFirst()) {
      tell("Nextcloud", instance.name().text());
    }
    tell("client", IpAddresses.text(address) + (hasKey ? ", with the shared key" : ""));
  }

  @Override
  public void ban(Failures counted, boolean isBanned) {
    list = counted;
    tell(
        "ban list '" + counted.name() + "'",
        isBanned
            ? "banned for " + counted.remaining(client).toSeconds() + " s more"
            : counted.bansNext(client) ? "not banned, but with one failure more" : "not banned");
  }

  @Override
  public void path(@Nullable ExAppPath target) {
    if (target == null) {
      tell("path", "not of the form /exapps/<app id>/…");
    } else if (target.isOrder()) {
      tell("path", "an order of AppAPI: " + target.rest());
    } else {
      tell("path", target.rest() + " of ExApp '" + target.app() + "'");
    }
  }

  @Override
  public void record(AppId id, Optional<ExApp> exApp) {
    routes = exApp.map(it -> it.routes().routes()).orElse(List.of());
    tell(
        "ExApp '" + id + "'",
        exApp
            .map(it -> "%s at %s, %d routes".formatted(it.version(), it.address(), routes.size()))
            .orElse("Nextcloud knows none that is enabled"));
  }

  @Override
  public void forms(PathForms path) {
    var others = new LinkedHashSet<>(List.of(path.canonical(), path.decoded()));
    others.addAll(path.tolerated());
    others.remove(path.raw());
    tell(
        "spellings of the path",
        others.isEmpty() ? "one" : "judged as these, too: " + String.join("  ", others));
    if (path.isInternalEndpoint() || path.isInternalEndpointAsUrl()) {
      tell("path inside the ExApp", "one that only Nextcloud may call");
    } else {
      areJudged = true;
    }
  }

  @Override
  public void tried(ExAppRoute route, String path, RouteMatch answer) {
    var seen = answer.match(IN_WORDS) + path;
    tried.merge(route, seen, (earlier, later) -> earlier + "; " + later);
  }

  @Override
  public void user(NcUser user) {
    tellOfRoutes();
    tell("user", user.id().isEmpty() ? "nobody" : user.id() + ", level " + user.level());
  }

  /** In the order of the manifest, of which the first that matches decides. */
  private void tellOfRoutes() {
    if (tried.isEmpty() && !areJudged) {
      return;
    }
    for (var route : routes.subList(0, Math.min(routes.size(), MOST_ROUTES))) {
      tell(
          "route " + route.url() + " for " + route.level(),
          tried.getOrDefault(route, "not compared: it begins in another way, or comes later"));
    }
    if (routes.size() > MOST_ROUTES) {
      tell("routes", routes.size() - MOST_ROUTES + " more");
    }
    areJudged = false;
    tried.clear();
  }

  void decided(Verdict verdict) {
    tellOfRoutes();
    var counted = list != null && verdict.counted() ? ", counts in '" + list.name() + "'" : "";
    tell("decision", verdict.decision().label() + ", " + verdict.reason() + counted);
  }
}
