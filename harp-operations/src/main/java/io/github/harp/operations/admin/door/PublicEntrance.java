// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin.door;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.decision.Reason;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.GatewayView.Served;
import io.github.harp.proxy.OwnPages;
import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The way over the public name of a Nextcloud, on which the gateway says who comes. */
public final class PublicEntrance implements Entrance {

  private static final String COOKIE = "__Secure-harp-session";
  private static final String ASKED = "asked";

  private final GatewayView gateway;
  private final OwnPages pages;

  /**
   * Who asks for the pages, and of which Nextcloud.
   *
   * @param nextcloud whose host is asked for
   */
  private record Asked(InetAddress client, Served nextcloud) {}

  public PublicEntrance(GatewayView gateway, OwnPages pages) {
    this.gateway = gateway;
    this.pages = pages;
  }

  /** Goes on with what the gateway has passed on; other programs find nothing here. */
  public void admit(RoutingContext context) {
    var request = context.request();
    var client = request.getHeader(OwnPages.CLIENT);
    var address = client == null ? null : IpAddresses.parse(client);
    var name = request.getHeader(OwnPages.NEXTCLOUD);
    var served =
        gateway.nextclouds().get().stream()
            .filter(it -> it.facts().name().text().equals(name))
            .findFirst();
    if (pages.isPass(request.getHeader(OwnPages.PASS)) && address != null && served.isPresent()) {
      context.put(ASKED, new Asked(address, served.get()));
      context.next();
    } else {
      Words.say(context, 404, "nothing is here");
    }
  }

  private static Asked asked(RoutingContext context) {
    return Objects.requireNonNull(context.<Asked>get(ASKED), "not passed on");
  }

  @Override
  public InetAddress client(RoutingContext context) {
    return asked(context).client();
  }

  /** The key of the first is the operator's, wherever it is shown. */
  @Override
  public Optional<Administrator> holder(RoutingContext context, String key) {
    var here = asked(context).nextcloud().instance();
    if (gateway.facts().get().first().key().matches(key)) {
      return Optional.of(Administrator.OPERATOR);
    }
    return here.key().matches(key) ? Optional.of(Administrator.of(here)) : Optional.empty();
  }

  /** As a guess in any other request: the address is banned before long, and many make all wait. */
  @Override
  public Future<Boolean> guessed(RoutingContext context) {
    var asked = asked(context);
    asked
        .nextcloud()
        .instance()
        .bans()
        .orders()
        .record(asked.client(), Reason.WRONG_KEY_FOR_ORDER.name());
    var delay = pages.wrongKeys().afterOne(System.nanoTime()).map(Duration::toMillis);
    if (delay.isEmpty() || delay.get() == 0) {
      return Future.succeededFuture(delay.isPresent());
    }
    return context
        .vertx()
        .timer(delay.get(), TimeUnit.MILLISECONDS)
        .map(true)
        .onComplete(waited -> pages.wrongKeys().waited());
  }

  /** One that begins anew, with another key perhaps, is another one. */
  @Override
  public boolean isServed(Administrator visitor) {
    return visitor.isOperator()
        || gateway.nextclouds().get().stream()
            .anyMatch(it -> visitor.equals(Administrator.of(it.instance())));
  }

  @Override
  public boolean knowsAdministrators() {
    return true;
  }

  @Override
  public Future<Optional<Administrator>> administrator(RoutingContext context) {
    var asked = asked(context);
    var instance = asked.nextcloud().instance();
    var known = instance.records().all().stream().map(ExApp::id).findFirst();
    if (known.isEmpty()) {
      return Future.failedFuture(
          new HarpException(
              HarpException.Code.UNAVAILABLE,
              "Nextcloud can be asked about a visitor of an ExApp only, and none has been visited"
                  + " yet: open one, or sign in with the shared key"));
    }
    return instance
        .sessions()
        .whoSends(PassedRequest.of(context.request(), asked.client()), known.get(), asked.client())
        .map(
            user ->
                user.filter(it -> it.level().includes(AccessLevel.ADMIN))
                    .map(it -> Administrator.of(instance)));
  }

  @Override
  public String cookie() {
    return COOKIE;
  }

  /** No ExApp gets it, whose paths are others. */
  @Override
  public Cookie cookie(RoutingContext context, String id) {
    var folder = asked(context).nextcloud().facts().folder();
    return Cookie.cookie(COOKIE, id).setPath(folder + OwnPages.PATH).setSecure(true);
  }
}
