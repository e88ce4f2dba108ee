// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.control.ControlRequest;
import io.github.harp.proxy.upstream.TcpUpstream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What AppAPI sends with the shared key: orders, and calls to container engines. */
class OrdersAndEnginesTest {

  private static final String KEYED = "Host: h\r\nharp-shared-key: " + TestProxy.KEY + "\r\n";

  private final BlockingQueue<ControlRequest> orders = new LinkedBlockingQueue<>();
  private volatile Future<ControlAnswer> outcome =
      Future.succeededFuture(ControlAnswer.text(200, "done"));
  private ScriptedServer engine;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    engine =
        new ScriptedServer(
            ScriptedServer.answering("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\npong"));
    Upstream upstream =
        new TcpUpstream(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), engine.port()),
            Duration.ofSeconds(5));
    ControlHandler handler =
        new ControlHandler() {
          @Override
          public int maxBodyBytes(String path) {
            return 1000;
          }

          @Override
          public Future<ControlAnswer> handle(ControlRequest request) {
            orders.add(request);
            return outcome;
          }
        };
    proxy =
        TestProxy.start(
            TestProxy.options(),
            Engines.of(Map.of(new EngineNumber(24000), upstream)),
            builder -> builder.orders(handler));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    engine.close();
  }

  @Test
  @DisplayName("S13: many wrong keys make the next one wait, and the right one never")
  void aWrongKeyWaitsAndTheRightOneDoesNot() throws Exception {
    var order = "GET /exapps/app_api/info HTTP/1.1\r\n";
    var guess = order + "Host: h\r\nharp-shared-key: a-guess\r\n\r\n";
    var guessers = new ArrayList<RawConnection>();
    try {
      for (int i = 0; i < 230; i++) {
        var guesser = proxy.connect();
        guessers.add(guesser);
        guesser.send(guess);
      }
      assertThat(guessers.get(0).readHead().status()).isEqualTo(401);
      try (var last = proxy.connect();
          var client = proxy.connect()) {
        last.send(guess);
        client.send(order + KEYED + "\r\n");

        assertThat(client.readHead().status()).isEqualTo(200);
        assertThat(last.in().available()).isZero();
        assertThat(last.readHead().status()).isEqualTo(401);
      }
    } finally {
      for (var guesser : guessers) {
        guesser.close();
      }
    }
  }

  @Test
  void anOrderIsHandedOverWithItsWholeBody() throws Exception {
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/app_api/docker/exapp/exists?a=b HTTP/1.1\r\n"
              + (KEYED + "Transfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n2\r\na\"\r\n0\r\n\r\n"));
      var answer = client.readResponse();

      assertThat(answer.text()).isEqualTo("done");
      var order = orders.poll(30, TimeUnit.SECONDS);
      assertThat(order.path()).isEqualTo("/docker/exapp/exists");
      assertThat(order.head().query()).isEqualTo("a=b");
      assertThat(order.body().toString()).isEqualTo("{\"a\"");
      assertThat(order.head().method()).isEqualTo("POST");
    }
  }

  @Test
  void headGetsTheHeadersOnly() throws Exception {
    try (var client = proxy.connect()) {
      client.send("HEAD /exapps/app_api/info HTTP/1.1\r\n" + KEYED + "\r\n");
      assertThat(client.readHeadResponse().head().get("content-length")).isEqualTo("4");
      client.send("GET /exapps/app_api/info HTTP/1.1\r\n" + KEYED + "\r\n");
      assertThat(client.readResponse().text()).isEqualTo("done");
    }
  }

  @Test
  void aBodyBeyondItsLimitIsRefusedWith413() throws Exception {
    for (var framing :
        new String[] {
          "Content-Length: 1001\r\n\r\n" + "x".repeat(1001),
          "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + "x".repeat(1001) + "\r\n0\r\n\r\n"
        }) {
      try (var client = proxy.connect()) {
        client.send("POST /exapps/app_api/x HTTP/1.1\r\n" + KEYED + framing);
        assertThat(client.readResponse().status()).isEqualTo(413);
      }
    }
    assertThat(orders).isEmpty();
  }

  @Test
  void expectIsAnsweredByOurselves() throws Exception {
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/app_api/x HTTP/1.1\r\n"
              + (KEYED + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
      assertThat(client.readHead().status()).isEqualTo(100);
      client.send("{}");
      assertThat(client.readResponse().text()).isEqualTo("done");
    }
  }

  @Test
  void anOrderOutlivesACallerThatHangsUp() throws Exception {
    Promise<ControlAnswer> slow = Promise.promise();
    outcome = slow.future();
    var client = proxy.connect();
    client.send("POST /exapps/app_api/x HTTP/1.1\r\n" + KEYED + "Content-Length: 0\r\n\r\n");
    assertThat(orders.poll(30, TimeUnit.SECONDS)).isNotNull();
    client.reset();
    assertThat(proxy.nextRecord().status()).isZero();

    slow.complete(ControlAnswer.noContent());
    assertThat(slow.future().succeeded()).isTrue();
  }

  @Test
  void withoutTheKeyNothingIsOrdered() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app_api/info HTTP/1.1\r\nHost: h\r\n\r\n");
      var answer = client.readResponse();

      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.text()).isEqualTo("401 Unauthorized");
      assertThat(answer.head().linesButItsId())
          .containsExactlyInAnyOrder("content-type: text/plain", "content-length: 16");
      assertThat(orders).isEmpty();
    }
  }

  @Test
  void anAllowedCallReachesTheEngineWithoutSecrets() throws Exception {
    var received = engine.capture("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\npong");
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app_api/v1.44/_ping HTTP/1.1\r\n"
              + (KEYED + "docker-engine-port: 24000\r\nAuthorization: Basic abc\r\n\r\n"));

      assertThat(client.readResponse().text()).isEqualTo("pong");
      var head = received.get().head();
      assertThat(head.startLine()).isEqualTo("GET /v1.44/_ping HTTP/1.1");
      assertThat(head.lines()).containsExactly("Host: h");
      assertThat(proxy.nextRecord().upstream()).isEqualTo("tcp://127.0.0.1:" + engine.port());
    }
  }

  @Test
  @DisplayName("S17: an engine gets the headers that it needs, no others and no upgrade")
  void s17_theEngineGetsOnlyTheHeadersThatItNeeds() throws Exception {
    var received = engine.capture("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\npong");
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app_api/containers/nc_app_a/logs?stdout=1 HTTP/1.1\r\n"
              + KEYED
              + "docker-engine-port: 24000\r\nAuthorization: Basic abc\r\n"
              + "Cookie: oc_sessionPassphrase=x\r\nX-HTTP-Method-Override: DELETE\r\n"
              + "X-Method-Override: POST\r\nX-Original-URL: /info\r\nX-Forwarded-For: 1.2.3.4\r\n"
              + "Connection: Upgrade\r\nUpgrade: tcp\r\nTE: trailers\r\nex-app-id: a\r\n"
              + "Accept: */*\r\nX-Registry-Auth: e30=\r\nUser-Agent: AppAPI\r\n\r\n");

      assertThat(client.readResponse().text()).isEqualTo("pong");
      assertThat(received.get().head().lines())
          .containsExactly("Host: h", "Accept: */*", "X-Registry-Auth: e30=", "User-Agent: AppAPI");
    }
  }

  @Test
  void anImageThatIsPulledShowsHowFarItIs() throws Exception {
    var mayEnd = new CountDownLatch(1);
    engine.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
          connection.send("{\"status\":\"Pulling fs layer\",\"id\":\"a\"}\r\n");
          connection.send(
              "{\"status\":\"Downloading\",\"id\":\"a\","
                  + "\"progressDetail\":{\"current\":50,\"total\":100}}\r\n");
          assertThat(mayEnd.await(30, TimeUnit.SECONDS)).isTrue();
        });
    try (var client = proxy.connect()) {
      client.send(
          "POST /exapps/app_api/v1.44/images/create?fromImage=ghcr.io%2Facme%2Fapp&tag=1.0"
              + (" HTTP/1.1\r\n" + KEYED + "docker-engine-port: 24000\r\n")
              + "Content-Length: 0\r\n\r\n");
      await().until(() -> percents().equals(List.of(40)));
      var pull = proxy.proxy().pulls().get(0);
      assertThat(pull.image()).isEqualTo("ghcr.io/acme/app:1.0");
      assertThat(pull.engine()).hasToString("24000");

      mayEnd.countDown();
      client.readHead();
      await().until(() -> proxy.proxy().pulls().isEmpty());
    }
  }

  private List<Integer> percents() {
    return proxy.proxy().pulls().stream().map(it -> it.percent().orElse(-1)).toList();
  }

  @Test
  void otherCallsAndOtherEnginesAreRefused() throws Exception {
    assertThat(engineCall("/v1.44/containers/create", "24000")).isEqualTo(403);
    assertThat(engineCall("/_ping", "23001")).isEqualTo(403);
    assertThat(engineCall("/_ping", "24001")).isEqualTo(503);
    assertThat(engineCall("/_ping", "0")).isEqualTo(400);
    assertThat(engine.connections()).isZero();
  }

  private int engineCall(String path, String port) throws Exception {
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app_api"
              + path
              + (" HTTP/1.1\r\n" + KEYED + "docker-engine-port: " + port + "\r\n\r\n"));
      var answer = client.readResponse();
      if (answer.status() == 403) {
        assertThat(answer.text())
            .isEqualTo(
                "<html><body><h1>403 Forbidden</h1>\n"
                    + "Request forbidden by administrative rules.\n</body></html>\n");
        assertThat(answer.head().get("cache-control")).isEqualTo("no-cache");
      }
      var record = proxy.nextRecord();
      assertThat(record.verdict().decision().label()).isEqualTo("refuse");
      assertThat(record.failure()).isNull();
      return answer.status();
    }
  }
}
