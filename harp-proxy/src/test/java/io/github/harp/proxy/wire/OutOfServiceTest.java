// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("W31: what is open to an ExApp ends when it is taken out of service")
class OutOfServiceTest {

  private static final String EVENTS = "content-type: text/event-stream\r\n";
  private static final String DOWNLOAD = "content-length: 1000000\r\n";

  private final BlockingQueue<String> toBeSent = new LinkedBlockingQueue<>();
  private ScriptedServer exApp;
  private ScriptedServer other;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(RawConnection::readToEnd);
    other =
        new ScriptedServer(
            connection -> {
              connection.readHead();
              connection.send("HTTP/1.1 200 OK\r\n" + EVENTS + "\r\n");
              while (true) {
                connection.send(toBeSent.take());
              }
            });
    proxy = TestProxy.start().with(exApp).with("other", "127.0.0.1", other.port());
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    exApp.close();
    other.close();
  }

  @Test
  void w31_anUpgradedConnection() throws Exception {
    echo();
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app/ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
              + "Upgrade: websocket\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(101);

      proxy.takeOutOfService("other");
      client.send("still open");
      assertThat(new String(client.in().readNBytes(10))).isEqualTo("still open");
      assertThat(proxy.proxy().openUpgrades()).isOne();

      proxy.takeOutOfService("APP");
      assertThat(client.in().read()).isEqualTo(-1);
    }
    assertRecorded(101);
    assertThat(proxy.proxy().openUpgrades()).isZero();
  }

  @Test
  void w31_anUpgradedStreamOfHttp2AndNoOtherOfItsConnection() throws Exception {
    echo();
    try (var client = new Http2Client(proxy.address())) {
      var kept = client.open(Http2Client.get("/exapps/other/events"), true);
      kept.headers();
      var upgraded =
          client.open(
              Http2Client.request("CONNECT", "/exapps/app/ws").add(":protocol", "websocket"),
              false);
      assertThat(upgraded.headers().headers().status()).hasToString("200");

      proxy.takeOutOfService("app");

      assertEnded(upgraded);
      assertGoesOn(kept);
    }
    assertRecorded(101);
    assertThat(proxy.proxy().openUpgrades()).isZero();
  }

  @Test
  void w31_aStreamOfEventsAndALongAnswer() throws Exception {
    try (var kept = proxy.connect()) {
      kept.send("GET /exapps/other/events HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(kept.readHead().status()).isEqualTo(200);
      for (var kind : new String[] {EVENTS, DOWNLOAD}) {
        answerWithoutEnd(kind);
        try (var ended = proxy.connect()) {
          ended.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
          assertThat(ended.readHead().status()).isEqualTo(200);

          proxy.takeOutOfService("app");

          assertThat(ended.readToEnd()).endsWith("<reset>");
        }
        assertRecorded(200);
      }
      toBeSent.add("still here");
      assertThat(kept.readLine()).isEqualTo("a");
      assertThat(kept.readLine()).isEqualTo("still here");
    }
  }

  @Test
  void w31_aStreamOfEventsAndALongAnswerOfHttp2() throws Exception {
    try (var client = new Http2Client(proxy.address())) {
      var kept = client.open(Http2Client.get("/exapps/other/events"), true);
      kept.headers();
      for (var kind : new String[] {EVENTS, DOWNLOAD}) {
        answerWithoutEnd(kind);
        var stream = client.open(Http2Client.get("/exapps/app/x"), true);
        assertThat(stream.headers().headers().status()).hasToString("200");

        proxy.takeOutOfService("app");

        assertThat(stream.resetFrame().errorCode()).isEqualTo(Http2Error.INTERNAL_ERROR.code());
        assertRecorded(200);
        assertGoesOn(kept);
      }
    }
  }

  @Test
  void w31_aRequestThatWaitsForItsAnswerIsAnswered() throws Exception {
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
      await().until(() -> exApp.connections() == 1);

      proxy.takeOutOfService("app");

      assertThat(client.readResponse().status()).isEqualTo(503);
    }
    assertRecorded(503);
  }

  @Test
  @DisplayName("W31: and not the ExApp of another Nextcloud that has the same name")
  void w31_notTheExAppOfAnotherNextcloud() throws Exception {
    var one = SharedProxy.nextcloud("one", exApp);
    var another = SharedProxy.nextcloud("another", exApp);
    var shared =
        SharedProxy.serving(
            SharedProxy.several(
                SharedProxy.askedForAs("one", one), SharedProxy.askedForAs("another", another)));
    answerWithoutEnd(EVENTS);
    try (var ended = RawConnection.to(shared.addresses().get(0));
        var kept = RawConnection.to(shared.addresses().get(0))) {
      kept.send("GET /exapps/app/x HTTP/1.1\r\nHost: another\r\n\r\n");
      assertThat(kept.readHead().status()).isEqualTo(200);
      ended.send("GET /exapps/app/x HTTP/1.1\r\nHost: one\r\n\r\n");
      assertThat(ended.readHead().status()).isEqualTo(200);

      one.records().remove(new AppId("app"));
      assertThat(ended.readToEnd()).endsWith("<reset>");
      assertThat(shared.openConnections()).isOne();

      another.records().remove(new AppId("app"));
      assertThat(kept.readToEnd()).endsWith("<reset>");
    } finally {
      TestProxy.await(shared.stop(Duration.ZERO));
    }
  }

  @Test
  @DisplayName("W31: nor what is open to a Nextcloud that is served no more")
  void w31_aNextcloudThatIsServedNoMore() throws Exception {
    var one = SharedProxy.nextcloud("one", exApp);
    var another = SharedProxy.nextcloud("another", exApp);
    var instances = SharedProxy.several(SharedProxy.askedForAs("one", one));
    var shared = SharedProxy.serving(instances);
    instances.serve(
        List.of(SharedProxy.askedForAs("one", one), SharedProxy.askedForAs("another", another)));
    answerWithoutEnd(EVENTS);
    try (var ended = RawConnection.to(shared.addresses().get(0));
        var kept = RawConnection.to(shared.addresses().get(0))) {
      kept.send("GET /exapps/app/x HTTP/1.1\r\nHost: another\r\n\r\n");
      assertThat(kept.readHead().status()).isEqualTo(200);
      ended.send("GET /exapps/app/x HTTP/1.1\r\nHost: one\r\n\r\n");
      assertThat(ended.readHead().status()).isEqualTo(200);

      instances.serve(List.of(SharedProxy.askedForAs("another", another)));
      assertThat(ended.readToEnd()).endsWith("<reset>");
      assertThat(shared.openConnections()).isOne();

      another.records().remove(new AppId("app"));
      assertThat(kept.readToEnd()).as("of one that came later").endsWith("<reset>");
    } finally {
      TestProxy.await(shared.stop(Duration.ZERO));
    }
  }

  @Test
  void w31_aRequestThatIsNotDecidedYetDoesNotGetThere() throws Exception {
    var asked = new CountDownLatch(1);
    Promise<Optional<NcUser>> user = Promise.promise();
    proxy.asking(
        new Nextcloud() {
          @Override
          public Future<Optional<ExApp>> exApp(AppId appId) {
            return Future.succeededFuture(Optional.of(forUsers(appId)));
          }

          @Override
          public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
            asked.countDown();
            return user.future();
          }
        });
    try (var client = proxy.connect()) {
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\nAuthorization: Basic eA==\r\n\r\n");
      asked.await();

      proxy.takeOutOfService("app");
      for (var loop : ((VertxInternal) proxy.proxy().vertx()).nettyEventLoopGroup()) {
        loop.submit(() -> {}).sync();
      }
      user.complete(Optional.of(new NcUser("alice", AccessLevel.USER)));

      assertThat(client.readResponse().status()).isEqualTo(503);
    }
    assertRecorded(503);
    assertThat(exApp.connections()).isZero();
  }

  private ExApp forUsers(AppId appId) {
    var routes = RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.USER, Set.of())));
    return new ExApp(
        appId, "1", new ExAppAddress("127.0.0.1", exApp.port()), Secret.of("s"), routes);
  }

  private void echo() {
    exApp.play(
        connection -> {
          connection.readHead();
          connection.send(
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                  + "Upgrade: websocket\r\n\r\n");
          connection.in().transferTo(connection.out());
        });
  }

  private void answerWithoutEnd(String header) {
    exApp.play(
        connection -> {
          connection.readHead();
          connection.send("HTTP/1.1 200 OK\r\n" + header + "\r\nbegins");
          connection.readToEnd();
        });
  }

  private void assertRecorded(int status) throws InterruptedException {
    var record = proxy.nextRecord();
    assertThat(record.status()).isEqualTo(status);
    assertThat(record.failure().kind()).isEqualTo(Kind.SHUTDOWN);
  }

  private void assertGoesOn(Http2Client.Stream stream) throws InterruptedException {
    toBeSent.add("still here");
    assertThat(stream.data(10)).isEqualTo("still here");
  }

  private static void assertEnded(Http2Client.Stream stream) throws InterruptedException {
    var end = stream.next();
    assertThat(end).isNotInstanceOf(Http2HeadersFrame.class);
  }
}
