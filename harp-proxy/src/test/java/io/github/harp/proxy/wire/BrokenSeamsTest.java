// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.control.ControlRequest;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Collaborators that throw where they ought to fail their future: still an answer, and a log line.
 */
class BrokenSeamsTest {

  private static final String BROKEN = "broken on purpose";
  private static final String GET = "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String POST =
      "POST /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody";
  private static final String KEYED = "Host: h\r\nharp-shared-key: " + TestProxy.KEY + "\r\n";
  private static final String ORDER =
      "POST /exapps/app_api/x HTTP/1.1\r\n" + KEYED + "Content-Length: 4\r\n\r\nbody";
  private static final String TEXT_503 = "503 Service Unavailable (HaRP)";
  private static final String TEXT_500 = "500 Internal Server Error";

  private final Log log = new Log();
  private TestProxy proxy;

  /** What is logged as an error, with its cause. */
  private static final class Log extends AppenderBase<ILoggingEvent> {

    private final Queue<String> errors = new ConcurrentLinkedQueue<>();

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel() == Level.ERROR && event.getThrowableProxy() != null) {
        errors.add(event.getThrowableProxy().getMessage());
      }
    }
  }

  @BeforeEach
  void listen() {
    log.start();
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).addAppender(log);
  }

  @AfterEach
  void stop() throws Exception {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).detachAppender(log);
    proxy.close();
  }

  private void start(UnaryOperator<HarpProxy.Builder> seams) {
    start(Engines.of(Map.of()), seams);
  }

  private void start(Engines engines, UnaryOperator<HarpProxy.Builder> seams) {
    var limits = TestProxy.retrying(1, Duration.ofMillis(1));
    var options = TestProxy.options().limits(limits);
    proxy = TestProxy.start(options, engines, seams).with("app", "127.0.0.1", 1);
  }

  private static <T> T broken() {
    throw new IllegalStateException(BROKEN);
  }

  /** Twice on one connection: what broke has neither closed it nor put it out of step. */
  private RequestRecord assertAnswered(String request, int status, String text) throws Exception {
    try (var client = proxy.connect()) {
      for (int i = 0; i < 2; i++) {
        client.send(request);
        var answer = client.readResponse();
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.text()).contains(text).doesNotContain(BROKEN);
      }
    }
    assertThat(log.errors).isNotEmpty().allMatch(BROKEN::equals);
    return proxy.nextRecord();
  }

  @Test
  void aNextcloudThatThrows() throws Exception {
    start(builder -> builder);
    proxy.asking(
        new Nextcloud() {
          @Override
          public Future<Optional<ExApp>> exApp(AppId appId) {
            return broken();
          }

          @Override
          public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
            return broken();
          }
        });

    assertAnswered(GET, 502, "502 Bad Gateway");
    assertAnswered(POST, 502, "502 Bad Gateway");
  }

  @Test
  void upstreamsThatThrow() throws Exception {
    start(builder -> builder.upstreams(exApp -> broken()));

    assertThat(assertAnswered(GET, 503, "No server is available").failure().kind())
        .isEqualTo(Kind.NO_UPSTREAM);
    assertAnswered(POST, 503, "No server is available");
  }

  @Test
  void upstreamsThatThrowAfterAWait() throws Exception {
    start(builder -> builder.upstreams(exApp -> broken()));
    proxy.answeringLater();

    assertAnswered(POST, 503, "No server is available");
  }

  @Test
  void anUpstreamThatThrowsWhenItIsDialled() throws Exception {
    Upstream upstream =
        new Upstream() {
          @Override
          public Future<Channel> connect(EventLoop loop) {
            return broken();
          }

          @Override
          public String toString() {
            return "broken:1";
          }
        };
    Upstreams upstreams = exApp -> Future.succeededFuture(upstream);
    start(builder -> builder.upstreams(upstreams));

    var record = assertAnswered(POST, 503, "No server is available");
    assertThat(record.failure().kind()).isEqualTo(Kind.CONNECT_FAILED);
    assertThat(record.upstream()).isEqualTo("broken:1");
  }

  @Test
  void enginesThatThrow() throws Exception {
    start(
        new Engines() {
          @Override
          public Optional<Upstream> find(EngineNumber number) {
            return broken();
          }

          @Override
          public SortedSet<EngineNumber> numbers() {
            return broken();
          }
        },
        builder -> builder);
    var call = "GET /exapps/app_api/_ping HTTP/1.1\r\n" + KEYED;

    assertAnswered(call + "docker-engine-port: 24000\r\n\r\n", 503, TEXT_503);
  }

  @Test
  void ordersThatThrow() throws Exception {
    start(builder -> builder.orders(orders(request -> broken())));

    assertThat(assertAnswered(ORDER, 500, TEXT_500).failure().kind()).isEqualTo(Kind.ORDER_FAILED);
    // Were one still counted as under way, this would wait for longer than the test does.
    TestProxy.await(proxy.proxy().stop(Duration.ofMinutes(1)));
  }

  @Test
  void ordersWhoseLimitThrows() throws Exception {
    start(
        builder ->
            builder.orders(
                new ControlHandler() {
                  @Override
                  public int maxBodyBytes(String path) {
                    return BrokenSeamsTest.<Integer>broken();
                  }

                  @Override
                  public Future<ControlAnswer> handle(ControlRequest request) {
                    return broken();
                  }
                }));

    assertAnswered(ORDER, 503, TEXT_503);
  }

  @Test
  void anOrdersAnswerThatCannotBeSent() throws Exception {
    var answer = new ControlAnswer(200, Map.of("x", "a\r\nb"), Buffer.buffer("text"));
    start(builder -> builder.orders(orders(request -> Future.succeededFuture(answer))));
    try (var client = proxy.connect()) {
      client.send(ORDER);

      assertThat(client.readResponse().text()).isEqualTo(TEXT_500);
      assertThat(proxy.nextRecord().failure().kind()).isEqualTo(Kind.ORDER_FAILED);
    }
  }

  @Test
  void anObserverThatThrowsKeepsNeitherTheClientNorTheOtherObserverFromKnowing() throws Exception {
    var seen = new ConcurrentLinkedQueue<RequestRecord>();
    RequestObserver broken = request -> broken();
    start(builder -> builder.observer(broken.and(seen::add)));
    try (var client = proxy.connect()) {
      client.send("GET /exapps/unknown/x HTTP/1.1\r\nHost: h\r\n\r\n");

      assertThat(client.readResponse().status()).isEqualTo(404);
    }
    await().untilAsserted(() -> assertThat(log.errors).containsExactly(BROKEN));
    assertThat(seen).hasSize(1);
  }

  private interface Order {
    Future<ControlAnswer> run(ControlRequest request);
  }

  private static ControlHandler orders(Order order) {
    return new ControlHandler() {
      @Override
      public int maxBodyBytes(String path) {
        return 1000;
      }

      @Override
      public Future<ControlAnswer> handle(ControlRequest request) {
        return order.run(request);
      }
    };
  }
}
