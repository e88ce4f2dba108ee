// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.ManualTicker;
import io.github.harp.core.testing.Wait;
import io.github.harp.proxy.testing.LoopbackNameServer;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.internal.VertxInternal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F2: a Nextcloud that is made anew has another address, and somebody else may get its old one. */
@DisplayName("F2: Nextcloud moves")
class NextcloudMovesTest {

  private static final String OLD = "127.0.0.2";
  private static final String NEW = "127.0.0.3";
  private static final String META =
      "{\"exapp_token\": \"s\", \"exapp_version\": \"1\", \"host\": \"h\", \"port\": 1, \"routes\":"
          + " []}";

  @TempDir Path folder;

  private final ManualTicker ticker = new ManualTicker();
  private final List<String> askedAt = new CopyOnWriteArrayList<>();
  private Vertx vertx;
  private LoopbackNameServer nameServer;
  private DnsHostNames names;
  private int port;
  private HttpServer old;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    nameServer = new LoopbackNameServer().answer("nextcloud", OLD);
    names =
        new DnsHostNames(
            ((VertxInternal) vertx).nettyEventLoopGroup(),
            Files.createFile(folder.resolve("hosts")),
            nameServer.writeResolverFile(folder.resolve("resolv.conf")),
            ticker);
    old = listen(OLD);
    port = old.actualPort();
  }

  @AfterEach
  void stop() throws Exception {
    names.close();
    nameServer.close();
    Wait.resultOf(vertx.close());
  }

  /** On the port that the one before has, if there is one. */
  private HttpServer listen(String address) {
    var server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  askedAt.add(address + " as " + request.authority().host());
                  request.response().putHeader("content-type", "application/json").end(META);
                });
    return Wait.resultOf(server.listen(port, address));
  }

  private NextcloudClient client() {
    return NextcloudClient.with(
        vertx,
        names,
        NextcloudAddress.parse("http://nextcloud:" + port),
        SharedKey.of("the-key"),
        null);
  }

  @Test
  void theKeyGoesToTheNewAddressThoughConnectionsToTheOldOneAreOpen() {
    var client = client();
    listen(NEW);
    Wait.resultOf(client.exApp(new AppId("app")));
    nameServer.answer("nextcloud", NEW);

    ticker.advance(Duration.ofSeconds(5));
    Wait.resultOf(client.exApp(new AppId("app")));

    assertThat(askedAt).containsExactly(OLD + " as nextcloud", NEW + " as nextcloud");
  }

  @Test
  void aCallFindsTheNewAddressByItselfWhenNobodyListensAtTheOldOne() {
    var client = client();
    Wait.resultOf(client.exApp(new AppId("app")));
    Wait.resultOf(old.close());
    listen(NEW);
    nameServer.answer("nextcloud", NEW);

    assertThat(Wait.resultOf(client.exApp(new AppId("app")))).isPresent();
    assertThat(askedAt).last().isEqualTo(NEW + " as nextcloud");
  }

  @Test
  void theNextAddressIsTriedWhenOneRefuses() {
    nameServer.answer("nextcloud", NEW, "127.0.0.4", OLD);

    assertThat(Wait.resultOf(client().exApp(new AppId("app")))).isPresent();
  }

  @Test
  void aNameThatDoesNotResolveIsTold() {
    nameServer.answer("nextcloud");

    assertThat(Wait.failureOf(client().exApp(new AppId("app"))))
        .isInstanceOfSatisfying(
            HarpException.class, failure -> assertThat(failure.code()).isEqualTo(Code.UNREACHABLE))
        .hasMessageContaining("Nextcloud at http://nextcloud:" + port)
        .hasMessageContaining("'nextcloud' does not resolve");
  }
}
