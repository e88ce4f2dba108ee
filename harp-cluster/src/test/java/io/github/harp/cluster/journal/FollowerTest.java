// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.RedisServers;
import io.github.harp.cluster.redis.Contact;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who reads a stream of a server whose clock and whose ends this test says. */
class FollowerTest {

  private static final Duration PAST = Duration.ofMinutes(5);
  private static final String NOTHING = "*-1\r\n";
  private static final long NOTHING_AFTER_MS = 20;

  private final Vertx vertx = Vertx.vertx();
  private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
  private final Queue<String> entries = new ConcurrentLinkedQueue<>();
  private final List<Duration> ages = new CopyOnWriteArrayList<>();
  private final AtomicInteger missing = new AtomicInteger();
  private final AtomicInteger ends = new AtomicInteger();
  private volatile Duration ahead = Duration.ZERO;
  private volatile String oldest = "";
  private volatile String newest = "";
  private NetServer server;
  private Follower follower;

  @BeforeEach
  void listen() {
    server = vertx.createNetServer().connectHandler(this::serve);
    resultOf(server.listen(0, "127.0.0.1"));
  }

  @AfterEach
  void close() {
    vertx.runOnContext(it -> follower.close());
    resultOf(vertx.close());
  }

  private void serve(NetSocket socket) {
    open.add(socket);
    socket.handler(
        question -> {
          var text = question.toString();
          if (text.contains("xread")) {
            var id = entries.poll();
            if (id == null) {
              vertx.setTimer(NOTHING_AFTER_MS, it -> socket.write(NOTHING));
            } else {
              socket.write(array(array(bulk("stream"), array(entry(id)))));
            }
          } else if (text.contains("eval")) {
            ends.incrementAndGet();
            socket.write(array(bulk(oldest), bulk(newest)));
          } else if (text.contains("time")) {
            var now = serverMs();
            socket.write(
                array(
                    bulk(String.valueOf(now / 1_000)), bulk(String.valueOf(now % 1_000 * 1_000))));
          } else {
            socket.write("+OK\r\n");
          }
        });
  }

  private long serverMs() {
    return System.currentTimeMillis() + ahead.toMillis();
  }

  private static String bulk(String text) {
    return "$" + text.length() + "\r\n" + text + "\r\n";
  }

  private static String array(String... parts) {
    return "*" + parts.length + "\r\n" + String.join("", parts);
  }

  private static String entry(String id) {
    return array(bulk(id), array(bulk("sealed"), bulk("x")));
  }

  private void follow() {
    var options =
        new HarpClusterOptions(
            RedisServers.parse("redis://127.0.0.1:" + server.actualPort()),
            Optional.empty(),
            Optional.empty(),
            "node");
    vertx.runOnContext(
        it -> {
          follower =
              new Follower(
                  vertx,
                  options,
                  new Contact("a stream", options.servers(), "nothing is read"),
                  PAST,
                  () -> {},
                  missing::incrementAndGet,
                  () -> {},
                  (entry, age) -> ages.add(age));
          follower.start("stream");
        });
  }

  private void read(String id) {
    var before = ages.size();
    entries.add(id);
    await().until(() -> ages.size() > before);
  }

  private void breakConnections() {
    var before = ends.get();
    open.forEach(NetSocket::close);
    open.clear();
    await().until(() -> ends.get() > before);
  }

  @ParameterizedTest
  @ValueSource(longs = {-3_600, 0, 3_600})
  void anEntryIsAsOldAsItsServerSaysWhateverTheClockIsHere(long aheadSeconds) {
    ahead = Duration.ofSeconds(aheadSeconds);
    follow();

    read(serverMs() - 10_000 + "-0");

    assertThat(ages.get(0)).isBetween(Duration.ofMillis(9_900), Duration.ofMinutes(2));
  }

  @Test
  void whatIsGoneFromTheBeginningBeforeItWasReadIsMissed() {
    follow();
    var now = serverMs();
    read(now + "-0");
    oldest = now + "-0";
    newest = now + "-0";

    breakConnections();
    read(now + "-1");
    assertThat(missing).as("all that there is was read").hasValue(0);

    oldest = now + "-3";
    newest = now + "-3";
    breakConnections();
    await().until(() -> missing.get() == 1);
    read(now + "-3");
    assertThat(missing).hasValue(1);
  }
}
