// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import io.github.harp.bench.attack.kinds.AttackKind.Script;
import io.github.harp.bench.backend.App;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** An ExApp that does to the gateway what the last part of a request's path says. */
final class HostileExApp {
  private static final Pattern LAST_PART = Pattern.compile("^\\S+ \\S*/([a-z0-9-]+) HTTP");
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String NOTHING = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String WHOLE =
      "HTTP/1.1 200 OK\r\nContent-Length: 250000\r\n\r\n" + "x".repeat(250_000);

  private static final String SWITCH =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n";

  /** An empty file, as gzip has it. */
  private static final String GZIP =
      "\u001f\u008b\b\u0000\u0000\u0000\u0000\u0000\u0000\u0003\u0003\u0000\u0000\u0000\u0000"
          + "\u0000\u0000\u0000\u0000\u0000";

  private static final Map<String, Script> ANSWERS = new HashMap<>();

  static {
    ANSWERS.put("silent", line -> {});
    ANSWERS.put("deaf", Line::deaf);
    ANSWERS.put("leave", Line::close);
    ANSWERS.put("whole", line -> line.send(WHOLE).closeWhenSent());
    ANSWERS.put("interim", line -> line.flood("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"));
    ANSWERS.put("slow-interim", line -> line.every(20, () -> line.send("HTTP/1.1 102 P\r\n\r\n")));
    ANSWERS.put("trickle", line -> line.send(CHUNKED).drip(20, "1\r\nx\r\n"));
    ANSWERS.put(
        "endless", line -> line.send(CHUNKED).flood("2000\r\n" + "x".repeat(8192) + "\r\n"));
    ANSWERS.put("bytes", line -> line.send(CHUNKED).flood("1\r\nx\r\n".repeat(500)));
    ANSWERS.put("extension", line -> line.send(CHUNKED + "1;").flood("a=b;".repeat(100)));
    ANSWERS.put("trailers", line -> line.send(CHUNKED + "0\r\n").flood("A: b\r\n".repeat(100)));
    ANSWERS.put("head", line -> line.send("HTTP/1.1 200 OK\r\n").flood("A: b\r\n".repeat(100)));
    ANSWERS.put("one-line", line -> line.send("HTTP/1.1 200 OK\r\nA: ").flood("b".repeat(500)));
    ANSWERS.put("slow-head", line -> line.send("HTTP/1.1 200 OK\r\n").drip(50, "A: b\r\n"));
    ANSWERS.put("many", line -> line.flood(NOTHING));
    ANSWERS.put("garbage", line -> line.flood("\u0000\u00ff\n garbage"));
    ANSWERS.put("gzip", line -> line.send(head("gzip")).flood("14\r\n" + GZIP + "\r\n"));
    ANSWERS.put("frames", line -> line.send(SWITCH).flood(() -> Frames.webSocket(2, 1)));
    ANSWERS.put(
        "cut",
        line ->
            line.send("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + "x".repeat(9999))
                .after(1, line::reset));
  }

  private HostileExApp() {}

  /** Where clients ask for such an answer. */
  static String path(String answer) {
    return App.HOSTILE.pathPrefix() + "/" + answer;
  }

  /** The same over a tunnel. */
  static String farPath(String answer) {
    return App.TUNNELLED_HOSTILE.pathPrefix() + "/" + answer;
  }

  /** What happens on a connection to it. */
  static void serve(Line line) {
    line.onBytes(
        came -> {
          var path = LAST_PART.matcher(came);
          if (path.find()) {
            ANSWERS.getOrDefault(path.group(1), silent -> {}).begin(line);
          }
        });
  }

  private static String head(String coding) {
    return CHUNKED.replaceFirst("\r\n", "\r\nContent-Encoding: " + coding + "\r\n");
  }
}
