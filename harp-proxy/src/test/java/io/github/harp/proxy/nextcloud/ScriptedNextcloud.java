// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.key.SharedKey;
import io.github.harp.proxy.question.QuestionLimits;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.github.harp.proxy.upstream.HostNames;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** An HTTP server on loopback that answers as it is told and remembers what it was asked. */
final class ScriptedNextcloud {

  private final HttpServer server;
  private final List<HttpServerRequest> requests = new CopyOnWriteArrayList<>();
  private volatile Handler<HttpServerRequest> behaviour = request -> request.response().end();

  ScriptedNextcloud(Vertx vertx, HttpServerOptions options) throws Exception {
    server =
        vertx
            .createHttpServer(options)
            .requestHandler(
                request -> {
                  requests.add(request);
                  behaviour.handle(request);
                })
            .listen(0, "127.0.0.1")
            .await(30, TimeUnit.SECONDS);
  }

  ScriptedNextcloud(Vertx vertx) throws Exception {
    this(vertx, new HttpServerOptions());
  }

  void answers(Handler<HttpServerRequest> answer) {
    behaviour = answer;
  }

  void answersJson(int status, String json) {
    answers(
        request ->
            request
                .response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json; charset=utf-8")
                .end(json));
  }

  List<HttpServerRequest> requests() {
    return requests;
  }

  HttpServerRequest lastRequest() {
    return requests.get(requests.size() - 1);
  }

  int port() {
    return server.actualPort();
  }

  NextcloudAddress address() {
    return NextcloudAddress.parse("http://127.0.0.1:" + port());
  }

  NextcloudClient client(Vertx vertx) {
    return NextcloudClient.with(vertx, names(vertx), address(), SharedKey.of("the-key"), null);
  }

  NextcloudClient client(Vertx vertx, QuestionLimits limits) {
    return new NextcloudClient(
        vertx, names(vertx), address(), SharedKey.of("the-key"), limits, null);
  }

  static HostNames names(Vertx vertx) {
    return new DnsHostNames(((VertxInternal) vertx).nettyEventLoopGroup());
  }
}
