// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** W22: what a client sees while Nextcloud is down. */
class NextcloudOutageTest {

  private static final Set<Integer> NO_STATUSES = Set.of();

  private TestProxy proxy;

  @BeforeEach
  void start() {
    proxy = TestProxy.start();
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
  }

  private record Outage(Optional<ExApp> exApp, Code code) implements Nextcloud {

    @Override
    public Future<Optional<ExApp>> exApp(AppId appId) {
      return exApp.isPresent() ? Future.succeededFuture(exApp) : down();
    }

    @Override
    public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
      return down();
    }

    private <T> Future<T> down() {
      return Future.failedFuture(new HarpException(code, "Nextcloud is down"));
    }
  }

  @ParameterizedTest
  @CsvSource({"UNREACHABLE, 503, 503 Service Unavailable (HaRP)", "FAILED, 502, 502 Bad Gateway"})
  @DisplayName("W22 an ExApp that can't be looked up is not unknown: come back later")
  void w22_aFailedLookupSaysWhenToComeBack(Code code, int status, String text) throws Exception {
    proxy.asking(new Outage(Optional.empty(), code));
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");

      assertRefused(client.readResponse(), status, text);
    }
  }

  @Test
  @DisplayName("W22 a user that can't be looked up is not refused for good")
  void w22_aFailedUserLookupSaysWhenToComeBack() throws Exception {
    var routes = RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.USER, NO_STATUSES)));
    var exApp =
        new ExApp(new AppId("app"), "1", new ExAppAddress("127.0.0.1", 1), Secret.of("s"), routes);
    proxy.asking(new Outage(Optional.of(exApp), Code.UNREACHABLE));
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nAuthorization: Basic eA==\r\n\r\n");

      assertRefused(client.readResponse(), 503, "503 Service Unavailable (HaRP)");
    }
  }

  @Test
  void otherRefusalsSayNothingOfIt() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET /exapps/unknown/x HTTP/1.1\r\nHost: h\r\n\r\n");
      var answer = client.readResponse();

      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.head().linesButItsId())
          .containsExactlyInAnyOrder("content-type: text/plain", "content-length: 13");
    }
  }

  private static void assertRefused(RawConnection.Message answer, int status, String text) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text()).isEqualTo(text);
    assertThat(answer.head().linesButItsId())
        .containsExactlyInAnyOrder(
            "content-type: text/plain", "content-length: " + text.length(), "retry-after: 5");
  }
}
