// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.websocket;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The words by which both sides agree to speak WebSocket (RFC 6455, section 4). */
public final class Agreement {

  /** Where frp's clients ask for it. */
  public static final String PATH = "/~!frp";

  /** What such a request begins with. */
  public static final String GREETING = "GET " + PATH;

  static final String REQUEST = GREETING + " HTTP/1.1";
  static final String ACCEPT = "Sec-WebSocket-Accept";

  private static final String KEY = "Sec-WebSocket-Key";
  private static final String UPGRADE = "Upgrade";
  private static final String CONNECTION = "Connection";
  private static final String VERSION = "Sec-WebSocket-Version";
  private static final String THE_VERSION = "13";
  private static final String PROTOCOL = "websocket";

  /** The length of 16 bytes in Base64. */
  private static final int KEY_LENGTH = 24;

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private Agreement() {}

  /**
   * What is answered with 101; empty for a request that does not ask for WebSocket, or for another
   * version.
   *
   * @param header gives the request's header of a name, null where it has none
   */
  public static Optional<Map<String, String>> answer(UnaryOperator<@Nullable String> header) {
    var key = header.apply(KEY);
    if (key == null || key.length() != KEY_LENGTH || !THE_VERSION.equals(header.apply(VERSION))) {
      return Optional.empty();
    }
    return isToSwitch(header)
        ? Optional.of(Map.of(UPGRADE, PROTOCOL, CONNECTION, UPGRADE, ACCEPT, proof(key)))
        : Optional.empty();
  }

  /** The head of a client's request to a server with this key, as frpc sends it. */
  static String request(String server, String key) {
    return text(
        REQUEST,
        Map.of(
            "Host",
            server,
            "Origin",
            "http://" + server,
            UPGRADE,
            PROTOCOL,
            CONNECTION,
            UPGRADE,
            KEY,
            key,
            VERSION,
            THE_VERSION));
  }

  /** A head as it is sent. */
  static String text(String firstLine, Map<String, String> headers) {
    var text = new StringBuilder(firstLine).append("\r\n");
    headers.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    return text.append("\r\n").toString();
  }

  static ChannelFuture send(ChannelHandlerContext ctx, String head) {
    return ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), head));
  }

  /** Whether these headers, of a request or an answer, are of a switch to WebSocket. */
  static boolean isToSwitch(UnaryOperator<@Nullable String> header) {
    return names(header.apply(UPGRADE), PROTOCOL) && names(header.apply(CONNECTION), UPGRADE);
  }

  private static boolean names(@Nullable String list, String word) {
    return list != null
        && Stream.of(list.split(",")).map(String::trim).anyMatch(word::equalsIgnoreCase);
  }

  /** That a request with this key was understood. */
  static String proof(String key) {
    try {
      var sha1 = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder()
          .encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }
}
