// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import static io.github.harp.bench.attack.kinds.HostileExApp.farPath;
import static io.github.harp.bench.attack.kinds.HostileExApp.path;
import static io.github.harp.bench.attack.kinds.Http1Attacks.get;

import java.util.List;
import java.util.stream.Stream;

/** What an ExApp does to the gateway, with clients that ask for it; and what several do at once. */
final class ExAppAttacks {
  private static final int CLIENTS = 100;

  /** Answers that clients take as they come. */
  private static final List<String> TAKEN =
      List.of(
          "leave",
          "interim",
          "slow-interim",
          "trickle",
          "endless",
          "bytes",
          "extension",
          "trailers",
          "head",
          "one-line",
          "slow-head",
          "many",
          "garbage",
          "gzip",
          "cut");

  static final List<AttackKind> ALL =
      Stream.concat(
              TAKEN.stream().map(answer -> asked("app-" + answer, path(answer))),
              Stream.of(
                  asked("app-far-bytes", farPath("bytes")),
                  asked("app-far-cut", farPath("cut")),
                  deaf("app-far-endless-deaf", farPath("endless"), 300),
                  deaf("app-bytes-deaf", path("bytes"), 300),
                  deaf("app-whole-deaf", path("whole"), 2000),
                  new AttackKind(
                      "app-frames-deaf",
                      Door.FRONT,
                      CLIENTS,
                      line ->
                          Http1Attacks.webSocket(path("frames"), then -> {}).begin(line.deaf())),
                  new AttackKind(
                      "app-frames",
                      Door.FRONT,
                      CLIENTS,
                      Http1Attacks.webSocket(path("frames"), then -> {})),
                  new AttackKind(
                      "app-far-silent-h2",
                      Door.FRONT,
                      20,
                      line ->
                          line.send(Frames.hello(Frames.INITIAL_WINDOW, 0))
                              .flood(Http2Attacks.requests(farPath("silent"))))))
          .toList();

  static final List<String> MIXTURES =
      List.of(
          "app-far-endless-deaf+h2-zero-window",
          "deaf-readers+stalled-uploads+slow-heads",
          "h2-rapid-reset+app-cut+reset-at-once",
          "tunnel-reset-streams+app-far-bytes+wrong-keys",
          "tls-handshakes+tunnel-handshakes+half-heads",
          "h2-big-heads+big-heads+pipelining-deaf+h2-half-frames",
          "websocket-deaf+app-frames-deaf+h2-deaf",
          "frp-websocket-silence+tunnel-half-logins+tls-half-hello+h2-preface-only");

  private ExAppAttacks() {}

  private static AttackKind asked(String name, String path) {
    return new AttackKind(name, Door.FRONT, CLIENTS, line -> line.send(get(path)));
  }

  private static AttackKind deaf(String name, String path, int connections) {
    return new AttackKind(name, Door.FRONT, connections, line -> line.deaf().send(get(path)));
  }
}
