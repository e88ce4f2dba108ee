// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.RequestHead;
import io.github.harp.core.address.Ports;
import io.github.harp.core.appapi.AppApiAuthorization;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.route.RouteTable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The six headers of a request that AppAPI itself sends to an ExApp. They name where the ExApp
 * listens, so it can be reached before Nextcloud has told about it.
 */
record SignedRequest(
    String id, String version, String host, String port, AppApiAuthorization authorization) {
  /** Null unless all six are there; whether the key is right is not judged here. */
  static @Nullable SignedRequest of(RequestHead request) {
    if (request.header(AppApiHeaders.HARP_SHARED_KEY) == null) {
      return null;
    }
    var id = request.header(AppApiHeaders.EX_APP_ID);
    var version = request.header(AppApiHeaders.EX_APP_VERSION);
    var host = request.header(AppApiHeaders.EX_APP_HOST);
    var port = request.header(AppApiHeaders.EX_APP_PORT);
    var authorization = request.header(AppApiHeaders.AUTHORIZATION_APP_API);
    return id == null || version == null || host == null || port == null || authorization == null
        ? null
        : new SignedRequest(id, version, host, port, new AppApiAuthorization(authorization));
  }

  /** Whether AppAPI vouches for a user; with an empty value it is judged like any other request. */
  boolean vouches() {
    return !authorization.text().isEmpty();
  }

  /**
   * The ExApp as the headers describe it, whose secret says which deployment is meant; empty when
   * the port is not a number from 0 to 65535.
   */
  Optional<ExApp> exApp(AppId idInPath) {
    var number = Ports.parse(port);
    if (number.isEmpty()) {
      return Optional.empty();
    }
    var canonicalId = AppId.parse(id).filter(idInPath::equals).orElse(idInPath);
    return Optional.of(
        new ExApp(
            canonicalId,
            version,
            new ExAppAddress(host, number.getAsInt()),
            authorization.secret(),
            RouteTable.empty()));
  }

  @Override
  public String toString() {
    return "signed request to " + id + " at " + host + ":" + port;
  }
}
