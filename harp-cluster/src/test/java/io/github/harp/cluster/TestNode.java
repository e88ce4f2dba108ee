// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.Wait.resultOf;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.ClusterStatus;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/** A node with nothing but what it shares. */
final class TestNode implements AutoCloseable {

  static final String KEY = "a key that all nodes of this test have";
  static final ListenAddress ADDRESS = new ListenAddress("192.0.2.1", 8783);
  private static final Duration WINDOW = Duration.ofMinutes(5);

  private final Vertx vertx = Vertx.vertx();
  private final HarpCluster cluster;
  private final Bans bans;
  private final ExAppRecords records;
  private final TunnelRegister tunnels;
  private final List<String> ended = new CopyOnWriteArrayList<>();
  private long sessions;

  private TestNode(
      HarpClusterOptions options,
      String key,
      FakeNextcloud nextcloud,
      Clock clock,
      String version,
      LongSupplier nanos) {
    cluster = new HarpCluster(vertx, options, SharedKey.of(key), version, clock, WINDOW, nanos);
    bans = cluster.first().share(Bans.of(3, WINDOW, Ticker.systemTicker()));
    records = cluster.first().share(new CachedExAppRecords(nextcloud, Ticker.systemTicker()));
    tunnels = new TunnelRegister(records, Map.of(), Ticker.systemTicker());
    cluster.first().neighbours().orElseThrow().share(tunnels, this::overtaken);
    resultOf(cluster.start(Optional.of(ADDRESS)));
  }

  private TestNode(HarpClusterOptions options, String key, FakeNextcloud nextcloud, Clock clock) {
    this(options, key, nextcloud, clock, "1.2.3", System::nanoTime);
  }

  private void overtaken(int port, String reason) {
    ended.add(port + " " + reason);
    close(port);
  }

  static TestNode called(String name, String url) {
    return at(
        new HarpClusterOptions(RedisServers.parse(url), Optional.empty(), Optional.empty(), name));
  }

  static TestNode at(HarpClusterOptions options) {
    return new TestNode(options, KEY, new FakeNextcloud(), Clock.systemUTC());
  }

  static TestNode at(String url) {
    return at(RedisServersTest.options(url));
  }

  static TestNode at(String url, FakeNextcloud nextcloud) {
    return new TestNode(RedisServersTest.options(url), KEY, nextcloud, Clock.systemUTC());
  }

  static TestNode withKey(String key, String url) {
    return new TestNode(RedisServersTest.options(url), key, new FakeNextcloud(), Clock.systemUTC());
  }

  static TestNode ofVersion(String version, String url) {
    return new TestNode(
        RedisServersTest.options(url),
        KEY,
        new FakeNextcloud(),
        Clock.systemUTC(),
        version,
        System::nanoTime);
  }

  /** For how long others are silent it knows by this. */
  static TestNode withTime(LongSupplier nanos, String url) {
    return new TestNode(
        RedisServersTest.options(url), KEY, new FakeNextcloud(), Clock.systemUTC(), "1.2.3", nanos);
  }

  static TestNode withClock(Clock clock, String url) {
    return new TestNode(RedisServersTest.options(url), KEY, new FakeNextcloud(), clock);
  }

  /** Once it has read everything there is. */
  TestNode joined() {
    await().until(() -> status().joined() && status().troubles().isEmpty());
    return this;
  }

  Failures users() {
    return bans.users();
  }

  Failures orders() {
    return bans.orders();
  }

  /** Of each kind. */
  List<Failures> kinds() {
    return List.of(bans.users(), bans.orders(), bans.tunnels(), bans.bySites());
  }

  ExAppRecords records() {
    return records;
  }

  TunnelRegister tunnels() {
    return tunnels;
  }

  /** A tunnel is opened here, in place of the one before. */
  synchronized void open(int port, TunnelHolder by) {
    tunnels.opened(++sessions, port, by);
  }

  synchronized void close(int port) {
    tunnels.closed(sessions, port);
  }

  /** What was to end here since another node has it. */
  List<String> ended() {
    return ended;
  }

  ClusterStatus status() {
    return cluster.status();
  }

  HarpCluster cluster() {
    return cluster;
  }

  @Override
  public void close() {
    resultOf(cluster.stop());
    resultOf(vertx.close());
  }
}
