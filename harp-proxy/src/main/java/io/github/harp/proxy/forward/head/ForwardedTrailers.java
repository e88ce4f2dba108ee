// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.head;

import static io.netty.handler.codec.http.HttpHeaderNames.*;

import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.appapi.HeaderSpellings;
import io.github.harp.proxy.loop.RequestIds;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.function.Predicate;

/**
 * What may follow a body. Some servers add trailers to the headers of the request, so one that
 * names who asks, from where, for whom, or where the message ends would be a way around what is
 * decided about the head (RFC 9110, section 6.5.1, forbids these).
 */
public final class ForwardedTrailers {

  /** What concerns a connection or frames a message. */
  private static final HeaderSpellings FRAMING =
      HeaderSpellings.of(
          List.of(
              "connection",
              "keep-alive",
              "proxy-connection",
              TE,
              TRAILER,
              TRANSFER_ENCODING,
              UPGRADE,
              CONTENT_LENGTH));

  private static final HeaderSpellings OF_THE_HEAD =
      HeaderSpellings.of(
          List.of(
              HOST,
              AUTHORIZATION,
              PROXY_AUTHORIZATION,
              COOKIE,
              EXPECT,
              RANGE,
              CONTENT_TYPE,
              CONTENT_ENCODING,
              CONTENT_RANGE,
              "http2-settings",
              "forwarded",
              RequestIds.HEADER,
              "x-forwarded-for",
              "x-forwarded-host",
              "x-forwarded-port",
              "x-forwarded-prefix",
              "x-forwarded-proto",
              "x-forwarded-server",
              "x-real-ip"));

  private ForwardedTrailers() {}

  /** Leaves of a request's trailers what says nothing about its head. */
  public static void toUpstream(HttpHeaders trailers) {
    keep(
        trailers,
        name ->
            !AppApiHeaders.IDENTITY.contains(name)
                && !FRAMING.contains(name)
                && !OF_THE_HEAD.contains(name));
  }

  /** Leaves of an answer's trailers what is not between the upstream and us, and not our word. */
  public static void toClient(HttpHeaders trailers) {
    keep(
        trailers,
        name -> !FRAMING.contains(name) && !RequestIds.HEADER.contentEqualsIgnoreCase(name));
  }

  private static void keep(HttpHeaders trailers, Predicate<String> wanted) {
    if (!trailers.isEmpty()) {
      trailers.names().stream().filter(wanted.negate()).toList().forEach(trailers::remove);
    }
  }
}
