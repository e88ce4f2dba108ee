// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.micro;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.RequestHead;
import io.github.harp.core.Secret;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One decision with everything cached: on a public route, and for a session that needs a user's
 * route.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls fill() before anything else.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class GatekeeperBenchmark {
  /** Routes of the ExApp; the last one matches. */
  @Param({"2", "200"})
  public int routes;

  private Gatekeeper open;
  private Gatekeeper guarded;
  private RequestHead anonymous;
  private RequestHead session;

  /** Builds the gatekeepers and fills their caches with the first decision. */
  @Setup
  public void fill() {
    open = gatekeeper(AccessLevel.PUBLIC);
    guarded = gatekeeper(AccessLevel.USER);
    anonymous = head(browser());
    session = head(browser().add("Cookie", "oc_sessionPassphrase=bench; oc1234567890=session"));
    if (onPublicRoute().decision().forward().isEmpty()
        || withSession().decision().forward().isEmpty()) {
      throw new IllegalStateException("the requests are not forwarded");
    }
  }

  /** Anonymous caller, public route. */
  @Benchmark
  public Verdict onPublicRoute() {
    return open.decide(anonymous, Runnable::run).result();
  }

  /** Known session, route for users. */
  @Benchmark
  public Verdict withSession() {
    return guarded.decide(session, Runnable::run).result();
  }

  private Gatekeeper gatekeeper(AccessLevel level) {
    var others =
        IntStream.range(0, routes - 1)
            .mapToObj(
                i -> i % 20 == 19 ? ".*\\.type" + i + "$" : "^/api/v1/thing" + i + "/[a-z0-9]+")
            .map(pattern -> new ExAppRoute(pattern, AccessLevel.PUBLIC, Set.of()));
    var last = new ExAppRoute("^/small$", level, Set.of());
    var table = RouteTable.of(Stream.concat(others, Stream.of(last)).toList());
    var nextcloud =
        new FixedNextcloud(
            new ExApp(
                new AppId("bench"),
                "1.0.0",
                new ExAppAddress("127.0.0.1", 23_000),
                Secret.of("token"),
                table));
    Ticker frozen = () -> 0;
    return new Gatekeeper(
        Instances.only(
            Instance.of(
                SharedKey.of("bench-shared-key-0123456789abcdef"),
                nextcloud,
                Bans.of(frozen),
                frozen)),
        ClientAddresses.behind(TrustedProxies.none()));
  }

  private static RequestHead head(HttpHeaders headers) {
    return new FixedHead("/exapps/bench/small", headers, InetAddress.getLoopbackAddress());
  }

  private static HttpHeaders browser() {
    return new DefaultHttpHeaders()
        .add("Host", "cloud.example.com")
        .add("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
        .add("Accept", "*/*")
        .add("Accept-Encoding", "gzip, deflate, br")
        .add("Accept-Language", "en-GB,en;q=0.5");
  }
}
