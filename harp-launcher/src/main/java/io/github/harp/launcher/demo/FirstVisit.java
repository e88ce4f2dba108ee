// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;

/**
 * Uses everything once that the demo shows: a page, an echo, events, a chat, and what is refused.
 *
 * <p>For one look whether it works on a machine, and as the rehearsal from which a class archive is
 * made.
 */
final class FirstVisit {

  private static final String COOKIES =
      "nc_session=" + DemoUser.ALICE.session() + "; oc_sessionPassphrase=demo";

  private final String page;
  private final HttpClient http;
  private final WebSocketClient webSockets;

  FirstVisit(Vertx vertx, String page) {
    this.page = page;
    this.http = vertx.createHttpClient();
    this.webSockets = vertx.createWebSocketClient();
  }

  /** Fails with what was expected, and what happened instead. */
  Future<Void> pay() {
    return answered(HttpMethod.GET, "", 200)
        .compose(done -> answered(HttpMethod.GET, "api/echo", 200))
        .compose(done -> answered(HttpMethod.POST, "api/echo", 200))
        .compose(done -> answered(HttpMethod.GET, "admin", 403))
        .compose(done -> event())
        .compose(done -> chat())
        .eventually(() -> Future.join(http.close(), webSockets.close()));
  }

  private Future<Void> answered(HttpMethod method, String path, int status) {
    return send(method, path)
        .compose(answer -> answer.body().map(body -> answer.statusCode()))
        .compose(
            found -> found == status ? Future.succeededFuture() : unexpected(path, status, found));
  }

  private Future<Void> event() {
    return send(HttpMethod.GET, "api/clock")
        .compose(
            answer -> {
              Promise<Buffer> first = Promise.promise();
              answer.handler(first::tryComplete).exceptionHandler(first::tryFail);
              return first.future().eventually(() -> answer.request().connection().close());
            })
        .compose(
            event ->
                event.toString().startsWith("event: tick")
                    ? Future.succeededFuture()
                    : unexpected("api/clock", "event: tick", event));
  }

  private Future<Void> chat() {
    var options =
        new WebSocketConnectOptions()
            .setAbsoluteURI(page.replaceFirst("http", "ws") + "api/chat")
            .putHeader("cookie", COOKIES);
    return webSockets
        .connect(options)
        .compose(
            socket -> {
              Promise<String> heard = Promise.promise();
              socket.textMessageHandler(
                  text -> {
                    if (text.contains("Hello")) {
                      heard.tryComplete(text);
                    }
                  });
              socket.closeHandler(closed -> heard.tryFail("api/chat: closed without an echo"));
              return socket.writeTextMessage("Hello").compose(sent -> heard.future()).map(socket);
            })
        .compose(WebSocket::close);
  }

  private Future<HttpClientResponse> send(HttpMethod method, String path) {
    var address = URI.create(page);
    var options =
        new RequestOptions()
            .setHost(address.getHost())
            .setPort(address.getPort())
            .setMethod(method)
            .setURI(address.getPath() + path)
            .putHeader("cookie", COOKIES);
    return http.request(options)
        .compose(request -> method == HttpMethod.POST ? request.send("Hello") : request.send());
  }

  private static <T> Future<T> unexpected(String path, Object expected, Object found) {
    return Future.failedFuture(path + ": expected " + expected + ", found " + found);
  }
}
