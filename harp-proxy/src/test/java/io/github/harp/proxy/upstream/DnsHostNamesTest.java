// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.HarpException;
import io.github.harp.core.testing.ManualTicker;
import io.github.harp.core.testing.Wait;
import io.github.harp.proxy.testing.LoopbackNameServer;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F2: one rule for names, whatever lifetime the name server gives its answers. */
@DisplayName("F2: the names of hosts")
class DnsHostNamesTest extends HostNamesContract {

  private static final Duration KEPT = Duration.ofSeconds(5);
  private static final Duration FAILURE_KEPT = Duration.ofSeconds(1);

  @TempDir Path folder;

  private final ManualTicker ticker = new ManualTicker();
  private Vertx vertx;
  private LoopbackNameServer server;
  private Path hosts;
  private Path resolverFile;
  private DnsHostNames names;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    server = new LoopbackNameServer();
    hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost\n");
    resolverFile = server.writeResolverFile(folder.resolve("resolv.conf"));
    names =
        new DnsHostNames(
            ((VertxInternal) vertx).nettyEventLoopGroup(), hosts, resolverFile, ticker);
  }

  @AfterEach
  void stop() throws Exception {
    names.close();
    server.close();
    Wait.resultOf(vertx.close());
  }

  @Override
  protected HostNames names() {
    return names;
  }

  @Override
  protected void name(String name, String address) {
    server.answer(name, address);
  }

  @Test
  void anAnswerIsKeptForSecondsThoughItsNameServerSaysTenMinutes() {
    server.answer("nextcloud", "10.0.0.2");
    assertThat(resolve("nextcloud")).containsExactly("10.0.0.2");
    server.answer("nextcloud", "10.0.0.3");

    ticker.advance(KEPT.minusMillis(1));
    assertThat(resolve("NextCloud")).containsExactly("10.0.0.2");
    assertThat(server.asked()).hasSize(1);
    ticker.advance(Duration.ofMillis(1));
    assertThat(resolve("nextcloud")).containsExactly("10.0.0.3");
  }

  @Test
  void anAliasIsNotKeptLongerEither() {
    server.alias("cloud.example", "old.example").answer("old.example", "10.0.0.2");
    assertThat(resolve("cloud.example")).containsExactly("10.0.0.2");
    server.alias("cloud.example", "new.example").answer("new.example", "10.0.0.3");

    ticker.advance(KEPT);

    assertThat(resolve("cloud.example")).containsExactly("10.0.0.3");
  }

  @Test
  void aNameThatDoesNotResolveIsNamedAndAskedForAgainAfterASecond() {
    assertThatThrownBy(() -> resolve("later"))
        .hasRootCauseMessage("Query failed with NXDOMAIN")
        .hasStackTraceContaining("the host name 'later' does not resolve");
    assertThat(Wait.failureOf(names.resolve("later")))
        .isInstanceOfSatisfying(
            HarpException.class,
            failure -> assertThat(failure.code()).isEqualTo(HarpException.Code.UNREACHABLE));
    assertThat(server.asked()).containsExactly("later");
    server.answer("later", "10.0.0.2");

    ticker.advance(FAILURE_KEPT);

    assertThat(resolve("later")).containsExactly("10.0.0.2");
  }

  @Test
  void aNameThatWasNeverSeenIsLookedUpInAFreshHostsFile() throws Exception {
    assertThat(resolve("localhost")).containsExactly("127.0.0.1");

    Files.writeString(hosts, "127.0.0.1 localhost\n10.0.0.9 added Added.example # a comment\n");

    assertThat(resolve("added")).containsExactly("10.0.0.9");
    assertThat(resolve("ADDED.example")).containsExactly("10.0.0.9");
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void aChangedHostsFileCountsAfterSeconds() throws Exception {
    Files.writeString(hosts, "10.0.0.2 nextcloud\n");
    assertThat(resolve("nextcloud")).containsExactly("10.0.0.2");
    // As long as before: the size does not tell.
    Files.writeString(hosts, "10.0.0.3 nextcloud\n");
    ticker.advance(KEPT);
    assertThat(resolve("nextcloud")).containsExactly("10.0.0.3");

    Files.delete(hosts);
    server.answer("nextcloud", "10.0.0.4");
    ticker.advance(KEPT);
    assertThat(resolve("nextcloud")).containsExactly("10.0.0.4");
  }

  @Test
  void allAddressesOfANameAreToldIpv4First() throws Exception {
    server.answer("both", "2001:db8::1", "10.0.0.2", "10.0.0.3").answer("six", "2001:db8::6");
    Files.writeString(hosts, "::1 here\n127.0.0.1 here\n127.0.0.2 here\n");

    assertThat(resolve("both")).containsExactly("10.0.0.2", "10.0.0.3", "2001:db8:0:0:0:0:0:1");
    assertThat(resolve("six")).containsExactly("2001:db8:0:0:0:0:0:6");
    assertThat(resolve("here")).containsExactly("127.0.0.1", "127.0.0.2", "0:0:0:0:0:0:0:1");
    assertThat(resolve("2001:db8::7")).containsExactly("2001:db8:0:0:0:0:0:7");
  }

  @Test
  void noMoreAddressesAreTakenThanCanBeTried() {
    server.answer(
        "many",
        IntStream.rangeClosed(1, 20).mapToObj(last -> "10.0.0." + last).toArray(String[]::new));

    assertThat(resolve("many")).hasSize(8);
  }

  @Test
  void searchDomainsAreTriedAsTheResolverFileSays() throws Exception {
    server.answer("app.b.example", "10.0.0.2").answer("x.y.b.example", "10.0.0.3");
    server.writeResolverFile(resolverFile, "search a.example b.example.", "options ndots:2");

    assertThat(resolve("app")).containsExactly("10.0.0.2");
    assertThat(server.asked()).containsExactly("app.a.example", "app.b.example");
    assertThat(resolve("x.y")).containsExactly("10.0.0.3");
    assertThat(Wait.failureOf(names.resolve("app."))).hasMessageContaining("'app.'");
  }

  @Test
  void withDockersNdotsOfZeroTheNameItselfComesFirstAndTheSearchDomainsAfterIt() throws Exception {
    server
        .answer("app.example", "10.0.0.2")
        .answer("nc", "10.0.0.3")
        .answer("nc.example", "1.2.3.4");
    server.writeResolverFile(resolverFile, "search example", "options edns0 ndots:0");

    assertThat(resolve("nc")).containsExactly("10.0.0.3");
    assertThat(resolve("app")).containsExactly("10.0.0.2");
    assertThat(server.asked()).containsExactly("nc", "app", "app.example");
  }

  @Test
  void anotherNameServerInTheResolverFileIsAskedFromThenOn() throws Exception {
    server.answer("app", "10.0.0.2");
    assertThat(resolve("app")).containsExactly("10.0.0.2");
    try (var other = new LoopbackNameServer().answer("app", "10.0.0.3")) {
      other.writeResolverFile(resolverFile);
      ticker.advance(KEPT);

      assertThat(resolve("app")).containsExactly("10.0.0.3");
    }
  }

  @Test
  void theNextNameServerIsAskedWhenOneIsNotThere() throws Exception {
    int port;
    try (var unused = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = unused.getLocalPort();
    }
    server.answer("app", "10.0.0.2");
    server.writeResolverFile(resolverFile, "nameserver [127.0.0.1]:" + port);

    assertThat(resolve("app")).containsExactly("10.0.0.2");
  }

  /** Netty's resolver knows the system's file as well, and would search the domains once more. */
  @Test
  void theSystemsSearchDomainsAreTriedOnce() throws Exception {
    server.answer("app", "10.0.0.2");
    server.writeResolverFile(resolverFile, "search a.example");
    var ofTheSystem =
        Files.writeString(folder.resolve("system"), "nameserver 127.0.0.1\nsearch a.example\n");
    var process =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
                ofTheSystem.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                DnsHostNamesTest.class.getName(),
                resolverFile.toString())
            .redirectErrorStream(true)
            .start();
    try {
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assumeTrue(!output.startsWith("unshare: unshare failed"), "mounts need root");
      assertThat(output).contains("found [app/10.0.0.2]");
    } finally {
      process.destroyForcibly();
    }
    assertThat(server.asked()).containsExactly("app.a.example", "app");
  }

  public static void main(String[] arguments) {
    var vertx = Vertx.vertx();
    try (var names =
        new DnsHostNames(
            ((VertxInternal) vertx).nettyEventLoopGroup(),
            Path.of("/etc/hosts"),
            Path.of(arguments[0]),
            Ticker.systemTicker())) {
      System.out.println("found " + Wait.resultOf(names.resolve("app")));
    }
    System.exit(0);
  }
}
