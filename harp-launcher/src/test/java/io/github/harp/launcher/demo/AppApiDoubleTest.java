// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.NextcloudContract;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.Wait;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import io.github.harp.proxy.nextcloud.NextcloudClient;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.VertxInternal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The double and the client that asks it are together what the core's fake is alone. */
class AppApiDoubleTest extends NextcloudContract {

  private static final String KEY = "the-key";

  private final AppApiDouble appApi = new AppApiDouble(KEY);
  private volatile boolean refusing;
  private volatile boolean out;
  private Vertx vertx;
  private NextcloudClient client;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    var server =
        Wait.resultOf(vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"));
    client =
        NextcloudClient.with(
            vertx,
            new DnsHostNames(((VertxInternal) vertx).nettyEventLoopGroup()),
            NextcloudAddress.parse("http://127.0.0.1:" + server.actualPort()),
            SharedKey.of(KEY),
            null);
  }

  @AfterEach
  void stop() {
    Wait.resultOf(vertx.close());
  }

  @Override
  protected Nextcloud nextcloud() {
    return client;
  }

  @Override
  protected void knows(ExApp exApp) {
    appApi.exApp(exApp);
  }

  @Override
  protected void knows(String credential, NcUser user) {
    appApi
        .session("oc_sessionPassphrase=" + credential, user)
        .session("Bearer " + credential, user);
  }

  @Override
  protected void refusesUsers() {
    refusing = true;
  }

  @Override
  protected void isOut(boolean isOut) {
    out = isOut;
  }

  private void answer(HttpServerRequest request) {
    if (out) {
      request.response().setStatusCode(500).end("{}");
    } else if (refusing && request.path().endsWith("/user-info")) {
      request
          .response()
          .setStatusCode(401)
          .putHeader("content-type", "application/json; charset=utf-8")
          .end("{\"message\": \"Login failed\"}");
    } else {
      appApi.handle(request);
    }
  }
}
