// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.testing;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.Set;

/**
 * A way to the real API server that breaks at one call, and then leads nowhere until it is mended:
 * what an order meets when the server ends in the middle of it.
 */
public final class BrokenWay implements AutoCloseable {

  private static final Set<String> BETWEEN_TWO = Set.of("host", "connection", "transfer-encoding");

  private final HttpClient client;
  private final HttpServer server;
  private int calls;
  private int breaksAt;
  private boolean carriesOut;

  public BrokenWay(Vertx vertx) {
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setSsl(true)
                .setTrustOptions(new PemTrustOptions().addCertPath(RealCluster.ca().toString())));
    this.server =
        vertx.createHttpServer().requestHandler(this::handle).listen(0, "127.0.0.1").await();
  }

  public String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  /**
   * Breaks at a call from now on.
   *
   * @param call 1 for the next one
   * @param carriesOut whether the server gets that one, and only its answer is lost
   */
  public synchronized void breakAt(int call, boolean carriesOut) {
    this.calls = 0;
    this.breaksAt = call;
    this.carriesOut = carriesOut;
  }

  public synchronized void mend() {
    breaksAt = Integer.MAX_VALUE;
  }

  /** Whether it has come to the call at which it breaks. */
  public synchronized boolean isBroken() {
    return calls >= breaksAt;
  }

  private synchronized void handle(HttpServerRequest request) {
    calls++;
    if (calls > breaksAt || calls == breaksAt && !carriesOut) {
      request.connection().close();
      return;
    }
    var loses = calls == breaksAt;
    request
        .body()
        .compose(
            body ->
                client
                    .request(
                        new RequestOptions()
                            .setAbsoluteURI(RealCluster.server() + request.uri())
                            .setMethod(request.method()))
                    .compose(
                        out -> {
                          request.headers().entries().stream()
                              .filter(it -> !BETWEEN_TWO.contains(it.getKey().toLowerCase()))
                              .forEach(it -> out.headers().add(it.getKey(), it.getValue()));
                          return out.send(body);
                        }))
        .compose(
            answer -> {
              if (loses) {
                return answer.body().compose(body -> request.connection().close());
              }
              request.response().setStatusCode(answer.statusCode()).setChunked(true);
              answer.headers().entries().stream()
                  .filter(it -> it.getKey().equalsIgnoreCase("content-type"))
                  .forEach(it -> request.response().putHeader(it.getKey(), it.getValue()));
              // Who watches leaves when it has seen enough.
              request.response().closeHandler(left -> answer.request().reset());
              return answer.pipeTo(request.response());
            })
        .onFailure(failure -> request.connection().close());
  }

  @Override
  public void close() {
    server.close().await();
    client.close().await();
  }
}
