// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.Secret;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.upstream.TcpUpstream;
import io.github.harp.proxy.wire.RawConnection;
import io.github.harp.proxy.wire.ScriptedServer;
import io.github.harp.proxy.wire.TestProxy;
import io.github.harp.proxy.wire.TestTimeouts;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A host with its own idea of what Nextcloud knows and of where ExApps are. */
class EmbeddingTest {

  private static final String UPLOAD =
      "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nCookie: oc_sessionPassphrase=p\r\n"
          + "Content-Length: 5\r\n\r\nhello";

  private final List<RequestRecord> records = new CopyOnWriteArrayList<>();
  private ScriptedServer exApp;

  @BeforeEach
  void start() throws Exception {
    exApp =
        new ScriptedServer(
            connection -> {
              while (true) {
                var body = connection.readRequest().text();
                connection.send(
                    "HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
              }
            });
  }

  @AfterEach
  void stop() throws Exception {
    exApp.close();
  }

  /** Completes on a thread of its own, or never. */
  private static <T> Future<T> later(T value, boolean answers) {
    Promise<T> promise = Promise.promise();
    if (answers) {
      new Thread(() -> promise.complete(value)).start();
    }
    return promise.future();
  }

  private record ThreadedNextcloud(boolean answers) implements Nextcloud {
    @Override
    public Future<Optional<ExApp>> exApp(AppId appId) {
      var routes = RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.USER, Set.of())));
      return later(
          Optional.of(
              new ExApp(appId, "1", new ExAppAddress("somewhere", 1), Secret.of("s"), routes)),
          answers);
    }

    @Override
    public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
      return later(Optional.of(new NcUser("alice", AccessLevel.USER)), answers);
    }
  }

  private HarpProxy proxy(Nextcloud nextcloud, Upstreams upstreams, Timeouts timeouts) {
    var proxy =
        HarpProxy.builder(nextcloud, SharedKey.of("a-shared-key-of-the-tests"))
            .options(TestProxy.options().timeouts(timeouts).build())
            .upstreams(upstreams)
            .observer(records::add)
            .build();
    return TestProxy.await(proxy.start());
  }

  private Upstream upstream() {
    return new TcpUpstream(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), exApp.port()),
        Duration.ofSeconds(5));
  }

  @Test
  void seamsMayCompleteOnAnyThread() throws Exception {
    var proxy = proxy(new ThreadedNextcloud(true), app -> later(upstream(), true), new Timeouts());
    try (var client = RawConnection.to(proxy.addresses().get(0))) {
      for (int i = 0; i < 20; i++) {
        client.send(UPLOAD);
        assertThat(client.readResponse().text()).isEqualTo("hello");
      }
    } finally {
      TestProxy.await(proxy.stop(Duration.ZERO));
    }
    assertThat(records).hasSize(20).allMatch(record -> record.bytesIn() == 5);
  }

  @Test
  void aDecisionThatDoesNotComeIsAnsweredWith503() throws Exception {
    var timeouts = TestTimeouts.decision(Duration.ofMillis(200));
    var proxy = proxy(new ThreadedNextcloud(false), app -> later(upstream(), true), timeouts);
    try (var client = RawConnection.to(proxy.addresses().get(0))) {
      client.send(UPLOAD);
      var answer = client.readResponse();

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text()).isEqualTo("503 Service Unavailable (HaRP)");
      // The connection is in step all the same.
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(client.readResponse().status()).isEqualTo(404);
    } finally {
      TestProxy.await(proxy.stop(Duration.ZERO));
    }
  }

  @Test
  void anUpstreamThatIsNotFoundInTimeIsAnsweredWith503() throws Exception {
    var timeouts = TestTimeouts.connect(Duration.ofMillis(100));
    var options =
        TestProxy.options()
            .timeouts(timeouts)
            .limits(TestProxy.retrying(1, Duration.ofMillis(10)))
            .build();
    var proxy =
        HarpProxy.builder(new ThreadedNextcloud(true), SharedKey.of("a-shared-key-of-the-tests"))
            .options(options)
            .upstreams(app -> later(upstream(), false))
            .observer(records::add)
            .build();
    TestProxy.await(proxy.start());
    try (var client = RawConnection.to(proxy.addresses().get(0))) {
      client.send(UPLOAD);

      assertThat(client.readResponse().status()).isEqualTo(503);
      assertThat(records.get(0).failure().message()).contains("HP_TIMEOUT_CONNECT");
    } finally {
      TestProxy.await(proxy.stop(Duration.ZERO));
    }
  }
}
