// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.metadata;
import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static io.github.harp.launcher.contract.Stage.from;
import static io.github.harp.launcher.contract.Stage.session;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Contract 3.10, 3.11 and 4: what Nextcloud is asked, and how often. */
@ExtendWith(Stage.OnStage.class)
class LookupIT {

  private static final int CROWD = 20;

  private final Stage stage;

  LookupIT(Stage stage) {
    this.stage = stage;
  }

  @Test
  void oneLookupServesAllWhoWaitForItAndThoseAfterIt() throws Exception {
    var app = stage.newExApp();
    var body = metadata(stage.exApp.port(), List.of(route(".*", 0))).encode();
    var goOn = new CountDownLatch(1);
    stage.nextcloud.onMeta(
        app,
        (request, in, out) -> {
          goOn.await(30, TimeUnit.SECONDS);
          out.write(RawServer.json(200, body));
        });

    var waiting = new ArrayList<Wire>();
    for (int i = 0; i < CROWD; i++) {
      var request = Wire.request("GET", "/exapps/" + app + "/x", List.of());
      waiting.add(new Wire(stage.port).send(request));
    }
    goOn.countDown();

    for (var wire : waiting) {
      assertThat(wire.answer().status()).isEqualTo(200);
      wire.close();
    }
    assertThat(stage.get("/exapps/" + app.toUpperCase() + "/x").status()).isEqualTo(200);
    assertThat(stage.nextcloud.metaCalls(app)).isEqualTo(1);
  }

  @Test
  void anUnknownAppIsAskedForOnce() {
    var app = stage.unknownExApp();

    for (int i = 0; i < 5; i++) {
      assertThat(stage.get("/exapps/" + app + "/x", from(stage.newClient())).status())
          .isEqualTo(404);
    }

    assertThat(stage.nextcloud.metaCalls(app)).isEqualTo(1);
  }

  @Test
  void whatAppApiPushesCountsAtOnceAndUntilItIsRemoved() {
    var app = stage.unknownExApp();
    var body = metadata(stage.exApp.port(), List.of(route("^/x", 0))).encode();
    assertThat(stage.get("/exapps/" + app + "/x", from(stage.newClient())).status()).isEqualTo(404);

    assertThat(stage.order("POST", "/exapp_storage/" + app, body).status()).isEqualTo(204);
    assertThat(stage.get("/exapps/" + app + "/x", from(stage.newClient())).status()).isEqualTo(200);

    assertThat(stage.order("DELETE", "/exapp_storage/" + app, "").status()).isEqualTo(204);
    assertThat(stage.order("DELETE", "/exapp_storage/" + app, "").status()).isEqualTo(404);
    assertThat(stage.get("/exapps/" + app + "/x", from(stage.newClient())).status()).isEqualTo(404);
  }

  @Test
  void aSessionIsAskedForOnceForAWhile() {
    var app = stage.newExApp(route(".*", 1));

    for (int i = 0; i < 3; i++) {
      assertThat(ask(app, session("alice") + "; a=1")).isEqualTo(200);
    }

    assertThat(stage.nextcloud.userCalls(app)).hasSize(1);
  }

  @Test
  @DisplayName("W10: another session with the same passphrase is asked for anew")
  void w10_theWholeCookieIsTheSession() {
    var app = stage.newExApp(route(".*", 2));

    assertThat(ask(app, "Cookie: nc_session=root; oc_sessionPassphrase=same")).isEqualTo(200);
    assertThat(ask(app, "Cookie: nc_session=alice; oc_sessionPassphrase=same")).isEqualTo(403);
    assertThat(ask(app, "Cookie: oc_sessionPassphrase=same")).isEqualTo(403);

    assertThat(stage.nextcloud.userCalls(app)).hasSize(3);
  }

  @Test
  void whoHasNoSessionIsNotAskedFor() {
    var app = stage.newExApp(route(".*", 0));

    assertThat(ask(app, "Cookie: nc_session=alice; oc_sessionpassphrase=lower")).isEqualTo(200);
    assertThat(ask(app, "Cookie: oc_sessionPassphrase=")).isEqualTo(200);

    assertThat(stage.nextcloud.userCalls(app)).isEmpty();
  }

  @Test
  void anAuthorizationIsAskedForEachTime() {
    var app = stage.newExApp(route(".*", 0));

    ask(app, "Authorization: Bearer x");
    ask(app, "Authorization: Bearer x");

    assertThat(stage.nextcloud.userCalls(app)).hasSize(2);
  }

  @Test
  @DisplayName("W12, F18: Nextcloud gets what goes from end to end, and every cookie line")
  void w12_nextcloudGetsWhatItNeeds() {
    var app = stage.newExApp(route(".*", 1));

    var answer =
        stage.post(
            "/exapps/" + app + "/x",
            "12345",
            "Cookie: nc_session=alice",
            "Cookie: oc_sessionPassphrase=w12",
            "Accept-Encoding: gzip",
            "Expect: 100-continue",
            "X-Other: 1");

    assertThat(answer.status()).isEqualTo(200);
    var call = stage.nextcloud.userCalls(app).get(0);
    assertThat(call.header("cookie")).containsExactly("nc_session=alice; oc_sessionPassphrase=w12");
    for (var name : List.of("accept-encoding", "expect", "content-length")) {
      assertThat(call.header(name)).as(name).isEmpty();
    }
    assertThat(call.header("x-other")).as("a header of a single sign-on").containsExactly("1");
  }

  @Test
  @DisplayName("W22: a Nextcloud in trouble does not close PUBLIC routes, nor count")
  void w22_publicRoutesGoOnWithoutNextcloud() {
    var app = stage.newExApp(route("^/public", 0), route("^/user", 1));
    stage.nextcloud.onUser(app, (request, in, out) -> out.write(RawServer.json(503, "{}")));
    var client = stage.newClient();

    for (int i = 0; i <= Stage.BAN_COUNT; i++) {
      var session = "Cookie: oc_sessionPassphrase=w22-" + i;
      assertThat(stage.get("/exapps/" + app + "/public", session, from(client)).status())
          .isEqualTo(200);
      assertThat(stage.get("/exapps/" + app + "/user", session, from(client)).status())
          .isIn(502, 503);
    }
  }

  @Test
  @DisplayName("W13: whoever Nextcloud redirects to gets no key")
  void w13_aRedirectIsNotFollowed() {
    var elsewhere = new RawServer();
    var app = stage.unknownExApp();
    stage.nextcloud.onMeta(
        app,
        (request, in, out) ->
            out.write(
                ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n"
                        .formatted(elsewhere.port()))
                    .getBytes(StandardCharsets.US_ASCII)));

    assertThat(stage.get("/exapps/" + app + "/x", from(stage.newClient())).status()).isIn(502, 503);
    assertThat(elsewhere.requests()).isEmpty();
    elsewhere.close();
  }

  private int ask(String app, String header) {
    return stage.get("/exapps/" + app + "/x", header, from(stage.newClient())).status();
  }
}
