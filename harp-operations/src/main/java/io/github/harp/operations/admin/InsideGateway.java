// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.AppId;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.key.SharedKey;
import io.github.harp.operations.Examination;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.GatewayView.Served;
import io.github.harp.operations.admin.door.Administrator;
import io.github.harp.operations.doctor.Doctors;
import io.github.harp.operations.outside.Outside;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
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
  private final StatusDocument status;

  InsideGateway(GatewayView gateway) {
    this.gateway = gateway;
    var facts = gateway.facts().get();
    this.key = facts.first().key();
    this.version = facts.version();
    this.identity = new Identity(key);
    this.status = new StatusDocument(gateway, Instant.now());
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
      return Doctors.forRunning(gateway, outside, publicUrl).examine((done, all, next) -> {});
    }
  }

  /** The Nextclouds that are somebody's to see. */
  private List<Served> seenBy(Administrator visitor) {
    return gateway.nextclouds().get().stream()
        .filter(it -> visitor.isOperator() || visitor.equals(Administrator.of(it.instance())))
        .toList();
  }

  /** Whether there is nothing that is not theirs. */
  boolean seesAll(Administrator visitor) {
    return visitor.isOperator()
        || gateway.nextclouds().get().size() == 1 && seenBy(visitor).size() == 1;
  }

  /** Whether something of a Nextcloud is theirs. */
  boolean sees(Administrator visitor, InstanceName nextcloud) {
    return seesAll(visitor)
        || seenBy(visitor).stream().anyMatch(it -> it.facts().name().equals(nextcloud));
  }

  /** Everything worth knowing that needs no question to anybody. */
  JsonObject status(Administrator visitor) {
    return seesAll(visitor) ? status.now(isReady()) : status.of(isReady(), seenBy(visitor));
  }

  /** What of an ExApp whom is open, of a Nextcloud by its name; empty for one not known here. */
  Optional<JsonArray> routes(Administrator visitor, String nextcloud, String exApp) {
    return AppId.parse(exApp)
        .flatMap(
            id ->
                seenBy(visitor).stream()
                    .filter(
                        it -> !visitor.isOperator() || it.facts().name().text().equals(nextcloud))
                    .findFirst()
                    .flatMap(it -> new NextcloudStatus(gateway, it).routes(id)));
  }

  /** All addresses with failures that count. */
  JsonArray bans(Administrator visitor) {
    return StatusDocument.bans(lists(visitor));
  }

  private List<Failures> lists(Administrator visitor) {
    return seesAll(visitor)
        ? gateway.bans().get()
        : seenBy(visitor).stream()
            .flatMap(it -> new NextcloudStatus(gateway, it).ownBans().stream())
            .toList();
  }

  /** Forgets the failures of one address, or all; how many lists had some. */
  int clearBans(Administrator visitor, Optional<InetAddress> address) {
    var cleared = 0;
    for (var list : lists(visitor)) {
      if (address.isEmpty()) {
        cleared += list.entries().isEmpty() ? 0 : 1;
        list.clear();
      } else if (list.clear(address.get())) {
        cleared++;
      }
    }
    return cleared;
  }
}
