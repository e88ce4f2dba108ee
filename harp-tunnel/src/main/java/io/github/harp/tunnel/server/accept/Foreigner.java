// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.websocket.Agreement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who connects without being an frp client with TLS, told by the first bytes: an administrator who
 * reads of missing TLS when a balancer speaks the PROXY protocol looks in the wrong place.
 */
record Foreigner(RefusalCode code, String text) {

  private record Greeting(String bytes, Foreigner of) {}

  private static final List<Greeting> GREETINGS =
      List.of(
          new Greeting("PROXY ", proxyProtocol(1)),
          new Greeting("\r\n\r\n\0\r\nQUIT\n", proxyProtocol(2)),
          new Greeting(
              Agreement.GREETING,
              new Foreigner(
                  RefusalCode.WEBSOCKET,
                  "an frp client with transport.protocol = \"websocket\" or \"wss\", which is"
                      + " switched off here; expected \"tcp\" in its frpc.toml")),
          new Greeting(
              "SSH-",
              new Foreigner(RefusalCode.SSH, "an SSH client; this port is for frp clients only")));

  private static final Foreigner HTTP_CLIENT =
      new Foreigner(
          RefusalCode.HTTP,
          "an HTTP request; this port is for frp clients only: whatever sends it (a reverse proxy,"
              + " a health check, a browser) has the wrong port");

  private static final Foreigner FRP_WITHOUT_TLS =
      new Foreigner(RefusalCode.NO_TLS, TlsMismatch.CLIENT_WITHOUT_TLS);

  private static final Foreigner NO_TLS_BEHIND_PROXY =
      new Foreigner(
          RefusalCode.WEBSOCKET_WITHOUT_TLS,
          "a client over WebSocket whose TLS, if any, has ended at a proxy: its certificate can't"
              + " be seen, and one is required here; let its credential do, or set"
              + " transport.protocol = \"websocket\" with transport.tls.enable = true, which is TLS"
              + " inside of the WebSocket");

  private static final int LONGEST_METHOD = 16;
  private static final Pattern HTTP_METHOD = Pattern.compile("[A-Z]{3," + LONGEST_METHOD + "} ");

  /** May become the head of an HTTP request, or a message of frp. */
  private static final Pattern UNFINISHED =
      Pattern.compile("[A-Z]{1," + LONGEST_METHOD + "}|[owv]");

  private static final Pattern FRP = Pattern.compile("(?s)\0|[owv](\0.*)?|FRP.*|F|FR|\0.*");
  private static final int TELLING_BYTES = LONGEST_METHOD + 1;
  private static final int SHOWN_BYTES = 8;

  /**
   * Who it is; empty while more bytes may tell more.
   *
   * @param isAll no more bytes come
   * @param proxy whether a web server has handed it over
   */
  static Optional<Foreigner> of(ByteBuf in, boolean isAll, boolean proxy) {
    int seen = Math.min(in.readableBytes(), TELLING_BYTES);
    String start = in.toString(in.readerIndex(), seen, StandardCharsets.ISO_8859_1);
    for (Greeting greeting : GREETINGS) {
      if (start.startsWith(greeting.bytes())) {
        return Optional.of(greeting.of());
      }
    }
    if (!isAll && isUnfinished(start)) {
      return Optional.empty();
    }
    if (HTTP_METHOD.matcher(start).lookingAt()) {
      return Optional.of(HTTP_CLIENT);
    }
    if (FRP.matcher(start).matches()) {
      return Optional.of(proxy ? NO_TLS_BEHIND_PROXY : FRP_WITHOUT_TLS);
    }
    return Optional.of(unknown(in));
  }

  private static boolean isUnfinished(String start) {
    return UNFINISHED.matcher(start).matches()
        || GREETINGS.stream().anyMatch(it -> it.bytes().startsWith(start));
  }

  private static Foreigner unknown(ByteBuf in) {
    int shown = Math.min(in.readableBytes(), SHOWN_BYTES);
    return new Foreigner(
        RefusalCode.NOT_FRP,
        "not an frp client: it begins with the bytes "
            + ByteBufUtil.hexDump(in, in.readerIndex(), shown));
  }

  private static Foreigner proxyProtocol(int version) {
    return new Foreigner(
        RefusalCode.PROXY_PROTOCOL,
        "a header of the PROXY protocol, version "
            + version
            + "; this port takes none from there: name the balancer among those that are believed,"
            + " or switch it off for this port (HAProxy: no send-proxy; nginx: proxy_protocol"
            + " off)");
  }
}
