// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.head;

import static io.github.harp.core.appapi.AppApiHeaders.*;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.appapi.HeaderSpellings;
import io.github.harp.core.decision.Decision;
import io.github.harp.proxy.loop.RequestIds;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one place where headers are rewritten: what an ExApp, an engine and a client get to see. What
 * is not named here passes as it was sent.
 */
public final class ForwardedHeaders {

  private static final AsciiString AA_VERSION_VALUE = AsciiString.cached("32");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");
  private static final AsciiString CONNECTION_UPGRADE = AsciiString.cached("Upgrade");

  /** What the message is called, where it ends and whom it is for: no second opinion. */
  private static final HeaderSpellings OURS =
      HeaderSpellings.of(
          List.of(
              RequestIds.HEADER,
              HttpHeaderNames.HOST,
              HttpHeaderNames.CONTENT_LENGTH,
              HttpHeaderNames.TRANSFER_ENCODING,
              HttpHeaderNames.CONNECTION,
              HttpHeaderNames.UPGRADE,
              HttpHeaderNames.TE,
              HttpHeaderNames.EXPECT));

  /** What the calls to engines that are allowed can need, and what frames their bodies. */
  private static final Set<String> FOR_ENGINES =
      Set.of(
          "host",
          "accept",
          "accept-encoding",
          "user-agent",
          "content-type",
          "content-length",
          "transfer-encoding",
          "expect",
          "x-registry-auth",
          "x-registry-config");

  private ForwardedHeaders() {}

  /**
   * Makes a client's request one for an ExApp.
   *
   * @param upgrade the Upgrade header to send; null for none
   * @param id what the request is called
   */
  public static void toExApp(
      HttpRequest request, Decision.Forward decision, @Nullable String upgrade, String id) {
    var headers = request.headers();
    common(request, upgrade);
    if (decision.signed()) {
      keepLast(headers, X_ORIGIN_IP);
    } else {
      headers.remove(X_ORIGIN_IP);
    }
    var exApp = decision.exApp();
    headers.set(EX_APP_ID, exApp.id().text());
    headers.set(EX_APP_VERSION, exApp.version());
    headers.set(AUTHORIZATION_APP_API, decision.authorization().text());
    headers.set(AA_VERSION, AA_VERSION_VALUE);
    headers.set(RequestIds.HEADER, id);
    requireHost(headers, exApp.address().host());
  }

  /** AppAPI's own line comes after a copy that the user sent along. */
  private static void keepLast(HttpHeaders headers, AsciiString name) {
    var lines = headers.getAll(name);
    if (lines.size() > 1) {
      headers.set(name, lines.get(lines.size() - 1));
    }
  }

  /**
   * Makes a client's request one for a container engine: it gets the headers that it needs, and
   * none that tells who called, that another program between could take for an order, or that
   * changes the protocol.
   */
  public static void toEngine(HttpRequest request) {
    var headers = request.headers();
    common(request, null);
    for (var name : headers.names()) {
      if (!FOR_ENGINES.contains(name.toLowerCase(Locale.ROOT))) {
        headers.remove(name);
      }
    }
    requireHost(headers, "docker");
  }

  /** Makes a client's request one for the gateway's own pages: keys have no power there. */
  public static void toOwnPages(HttpRequest request) {
    common(request, null);
    requireHost(request.headers(), "harp");
  }

  private static void common(HttpRequest request, @Nullable String upgrade) {
    var headers = request.headers();
    boolean wantsTrailers =
        headers.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true);
    HopByHopHeaders.remove(headers);
    if (upgrade != null) {
      headers.set(HttpHeaderNames.CONNECTION, CONNECTION_UPGRADE);
      headers.set(HttpHeaderNames.UPGRADE, upgrade);
    } else if (wantsTrailers) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderNames.TE);
      headers.set(HttpHeaderNames.TE, TRAILERS);
    }
    if (request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
      headers.remove(HttpHeaderNames.EXPECT);
      request.setProtocolVersion(HttpVersion.HTTP_1_1);
    }
    headers.remove(HARP_SHARED_KEY);
    headers.remove(EX_APP_HOST);
    headers.remove(EX_APP_PORT);
    headers.remove(DOCKER_ENGINE_PORT);
    removeAliases(headers);
  }

  /** An ExApp's server may take an alias for the real one. */
  private static void removeAliases(HttpHeaders headers) {
    List<CharSequence> aliases = null;
    for (var all = headers.iteratorCharSequence(); all.hasNext(); ) {
      var name = all.next().getKey();
      if (AppApiHeaders.IDENTITY.containsAliasOf(name) || OURS.containsAliasOf(name)) {
        if (aliases == null) {
          aliases = new ArrayList<>();
        }
        aliases.add(name);
      }
    }
    if (aliases != null) {
      aliases.forEach(headers::remove);
    }
  }

  private static void requireHost(HttpHeaders headers, String host) {
    if (!headers.contains(HttpHeaderNames.HOST)) {
      headers.set(HttpHeaderNames.HOST, IpAddresses.inUrl(host));
    }
  }

  /**
   * Makes an upstream's answer one for the client; its connection headers are the client side's.
   */
  public static void toClient(HttpResponse response) {
    var headers = response.headers();
    int status = response.status().code();
    var upgrade =
        status == 101 || status == 426 ? headers.getAll(HttpHeaderNames.UPGRADE) : List.of();
    HopByHopHeaders.remove(headers);
    if (!upgrade.isEmpty()) {
      headers.set(HttpHeaderNames.UPGRADE, upgrade);
      headers.set(HttpHeaderNames.CONNECTION, CONNECTION_UPGRADE);
    }
    response.setProtocolVersion(HttpVersion.HTTP_1_1);
  }
}
