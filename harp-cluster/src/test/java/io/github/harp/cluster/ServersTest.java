// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.FakeRequest.address;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.Where;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Redis as it is found: with users and TLS, behind sentinels, as a cluster. */
class ServersTest {

  private static final AtomicInteger STRANGERS = new AtomicInteger();

  private static final int PORT = 23_000;
  private static final Where AT_ONE = new Where.Elsewhere("one", TunnelHolder.OF_KEY);
  private static final Where AT_TWO = new Where.Elsewhere("two", TunnelHolder.OF_KEY);

  @TempDir private Path folder;

  private static void spreads(TestNode from, TestNode to) {
    var stranger = address("198.51.100." + STRANGERS.incrementAndGet());
    for (var i = 0; i < 3; i++) {
      from.users().record(stranger, "GUESS");
    }
    await().until(() -> to.users().isBanned(stranger));
  }

  private static void locks(TestNode node) throws InterruptedException {
    node.cluster().first().locks().lock("engine 24000 nc_app_demo_data", () -> {}).close();
  }

  @Test
  void oneThatMayThrowAwayWhatItWasToKeepIsNamed() {
    try (var redis =
            RealRedis.in(folder, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
        var one = TestNode.at(redis.url()).joined()) {
      await()
          .untilAsserted(
              () ->
                  assertThat(one.cluster().findings())
                      .singleElement()
                      .satisfies(it -> assertThat(it.seen()).contains("allkeys-lru")));
    }
    try (var redis = RealRedis.in(folder, "--maxmemory-policy", "allkeys-lru");
        var one = TestNode.at(redis.url()).joined()) {
      await()
          .untilAsserted(
              () ->
                  assertThat(one.cluster().findings())
                      .singleElement()
                      .satisfies(
                          it -> assertThat(it.seen()).matches(".*\\((Redis|Valkey) .* answers.*")));
    }
  }

  @Test
  void aUserOfItsOwnOverTlsWithAPasswordThatChanges() throws Exception {
    certificates();
    var port = RealRedis.freePort();
    var password = Files.writeString(folder.resolve("password"), "p:a@ss wörd/1\n");
    try (var redis =
            RealRedis.withTls(
                folder.resolve("server"),
                port,
                "--tls-cert-file",
                folder.resolve("server.pem").toString(),
                "--tls-key-file",
                folder.resolve("server.key").toString(),
                "--tls-ca-cert-file",
                folder.resolve("ca.pem").toString(),
                "--tls-auth-clients",
                "no",
                "--user",
                "default",
                "off",
                "--user",
                "harp",
                "on",
                ">p:a@ss wörd/1",
                "~harp:*",
                "-@all",
                "+@stream",
                "+@hash",
                "+@string",
                "+eval",
                "+del",
                "+@connection",
                "+time",
                "+expire");
        var one = TestNode.at(options("rediss://harp@localhost:" + port, "ca.pem", password));
        var two = TestNode.at(options("rediss://harp@localhost:" + port, "ca.pem", password))) {
      spreads(one.joined(), two.joined());
      locks(one);
      await()
          .untilAsserted(
              () ->
                  assertThat(one.cluster().findings())
                      .anySatisfy(it -> assertThat(it.meaning()).contains("+info")));

      try (var doubting =
          TestNode.at(options("rediss://harp@localhost:" + port, "other.pem", password))) {
        await().until(() -> !doubting.status().troubles().isEmpty());
        assertThat(doubting.status().joined()).isFalse();
      }
      // Its certificate is one of the authority, for another name.
      try (var misled =
          TestNode.at(options("rediss://harp@127.0.0.1:" + port, "ca.pem", password))) {
        await().until(() -> !misled.status().troubles().isEmpty());
        assertThat(misled.status().joined()).isFalse();
      }
      var wrong = Files.writeString(folder.resolve("wrong"), "wrong");
      try (var denied = TestNode.at(options("rediss://harp@localhost:" + port, "ca.pem", wrong))) {
        await()
            .until(
                () ->
                    denied.status().troubles().stream()
                        .anyMatch(it -> it.contains("WRONGPASS") || it.contains("invalid")));
        Files.copy(password, wrong, StandardCopyOption.REPLACE_EXISTING);
        denied.joined();
      }
    }
  }

  private HarpClusterOptions options(String url, String authorities, Path password) {
    return new HarpClusterOptions(
        RedisServers.parse(url),
        Optional.of(password),
        Optional.of(folder.resolve(authorities)),
        "node " + STRANGERS.incrementAndGet());
  }

  private void certificates() throws IOException, InterruptedException {
    for (var authority : new String[] {"ca", "other"}) {
      openssl(
          "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN="
              + authority
              + " -keyout "
              + authority
              + ".key -out "
              + authority
              + ".pem");
    }
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj"
            + " /CN=localhost -addext subjectAltName=DNS:localhost -CA ca.pem -CAkey ca.key -keyout"
            + " server.key -out server.pem");
  }

  private void openssl(String arguments) throws IOException, InterruptedException {
    var run =
        new ProcessBuilder(("openssl " + arguments).split(" "))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("openssl.log").toFile())
            .start();
    assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).as(Files.readString(folder.resolve("openssl.log"))).isZero();
  }

  @Test
  void sentinelsNameAnotherServerWhenTheFirstDies() {
    try (var first = RealRedis.in(folder.resolve("first"));
        var second =
            RealRedis.in(folder.resolve("second"), "--replicaof", "127.0.0.1 " + first.port());
        var sentinel = RealRedis.sentinel(folder.resolve("sentinel"), first)) {
      await().until(() -> second.cli("INFO", "replication").contains("master_link_status:up"));
      await().until(() -> sentinel.cli("SENTINEL", "REPLICAS", "mymaster").contains("127.0.0.1"));
      var url = "redis+sentinel://127.0.0.1:" + sentinel.port() + "/mymaster";
      try (var one = TestNode.called("one", url);
          var two = TestNode.called("two", url)) {
        spreads(one.joined(), two.joined());
        one.open(PORT, TunnelHolder.OF_KEY);
        await().until(() -> two.tunnels().at(PORT).equals(AT_ONE));

        first.kill();
        await().until(() -> second.cli("INFO", "replication").contains("role:master"));

        spreads(one, two);
        spreads(two, one);
        assertThat(two.tunnels().at(PORT)).isEqualTo(AT_ONE);
        two.open(PORT, TunnelHolder.OF_KEY);
        await().until(() -> one.tunnels().at(PORT).equals(AT_TWO));
        assertThat(one.ended()).hasSize(1);
      }
    }
  }

  @Test
  void aClusterHasTheJournalAtOneOfItsServers() throws Exception {
    try (var first = RealRedis.in(folder.resolve("first"), "--cluster-enabled", "yes");
        var second = RealRedis.in(folder.resolve("second"), "--cluster-enabled", "yes")) {
      first.cli("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
      second.cli("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
      first.cli("CLUSTER", "MEET", "127.0.0.1", String.valueOf(second.port()));
      await().until(() -> first.cli("CLUSTER", "INFO").contains("cluster_state:ok"));
      await().until(() -> second.cli("CLUSTER", "INFO").contains("cluster_state:ok"));
      var url = "redis+cluster://127.0.0.1:" + first.port() + ",127.0.0.1:" + second.port();
      try (var one = TestNode.at(url);
          var two = TestNode.at(url)) {
        spreads(one.joined(), two.joined());
        spreads(two, one);
        locks(one);
      }
    }
  }

  @Test
  void anotherDatabaseIsAnotherCluster() {
    try (var redis = RealRedis.in(folder.resolve("server"));
        var one = TestNode.at(redis.url() + "/3");
        var two = TestNode.at(redis.url() + "/3")) {
      spreads(one.joined(), two.joined());
      assertThat(redis.cli("KEYS", "*")).isEmpty();
      assertThat(redis.cli("-n", "3", "KEYS", "*")).startsWith("harp:");
    }
  }
}
