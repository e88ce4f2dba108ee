// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.Wait.resultOf;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A line to a server that can be cut: what is open ends, and nothing new comes through. */
final class CutLine implements AutoCloseable {

  private final Vertx vertx = Vertx.vertx();
  private final NetClient client = vertx.createNetClient();
  private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
  private final NetServer server;
  private volatile boolean cut;

  CutLine(int port) {
    server =
        vertx
            .createNetServer()
            .connectHandler(
                near -> {
                  if (cut) {
                    near.close();
                    return;
                  }
                  open.add(near);
                  near.pause();
                  client
                      .connect(port, "127.0.0.1")
                      .onSuccess(
                          far -> {
                            open.add(far);
                            near.pipeTo(far);
                            far.pipeTo(near);
                          })
                      .onFailure(failure -> near.close());
                });
    resultOf(server.listen(0, "127.0.0.1"));
  }

  String url() {
    return "redis://127.0.0.1:" + server.actualPort();
  }

  void cut() {
    cut = true;
    open.forEach(NetSocket::close);
    open.clear();
  }

  void mend() {
    cut = false;
  }

  @Override
  public void close() {
    resultOf(vertx.close());
  }
}
