// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.appapi;

import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.key.SharedKey;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Map;

/**
 * The headers in which AppAPI, HaRP and ExApps tell each other who asks for what: the one place
 * where they are named, so that what is taken from strangers can't differ from what is believed.
 */
public final class AppApiHeaders {

  /** What decisions are made from, and what stays in this house. */
  public static final AsciiString HARP_SHARED_KEY = AsciiString.cached("harp-shared-key");

  public static final AsciiString EX_APP_HOST = AsciiString.cached("ex-app-host");
  public static final AsciiString EX_APP_PORT = AsciiString.cached("ex-app-port");
  public static final AsciiString DOCKER_ENGINE_PORT = AsciiString.cached("docker-engine-port");

  /** What an ExApp is told, by AppAPI or in its place by HaRP. */
  public static final AsciiString EX_APP_ID = AsciiString.cached("ex-app-id");

  public static final AsciiString EX_APP_VERSION = AsciiString.cached("ex-app-version");
  public static final AsciiString AUTHORIZATION_APP_API =
      AsciiString.cached("authorization-app-api");
  public static final AsciiString AA_VERSION = AsciiString.cached("aa-version");

  /** The user's address, when AppAPI vouches for it. */
  public static final AsciiString X_ORIGIN_IP = AsciiString.cached("x-origin-ip");

  /** All of them: none may come from a stranger, in no spelling. */
  public static final HeaderSpellings IDENTITY =
      HeaderSpellings.of(
          List.of(
              HARP_SHARED_KEY,
              EX_APP_HOST,
              EX_APP_PORT,
              DOCKER_ENGINE_PORT,
              EX_APP_ID,
              EX_APP_VERSION,
              AUTHORIZATION_APP_API,
              AA_VERSION,
              X_ORIGIN_IP));

  private AppApiHeaders() {}

  /** What AppAPI sends to an ExApp in nobody's name. */
  public static Map<String, String> signed(SharedKey key, ExApp exApp) {
    return Map.of(
        HARP_SHARED_KEY.toString(), key.reveal(),
        EX_APP_ID.toString(), exApp.id().text(),
        EX_APP_VERSION.toString(), exApp.version(),
        EX_APP_HOST.toString(), exApp.address().host(),
        EX_APP_PORT.toString(), String.valueOf(exApp.address().port()),
        AUTHORIZATION_APP_API.toString(), AppApiAuthorization.of(NcUser.ANONYMOUS, exApp).text());
  }
}
