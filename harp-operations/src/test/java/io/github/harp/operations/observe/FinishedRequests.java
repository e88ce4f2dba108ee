// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.appapi.AppApiAuthorization;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.proxy.RequestRecord;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Records of finished requests as the proxy makes them. */
public final class FinishedRequests {

  public static final Instance INSTANCE =
      Instance.of(
          SharedKey.of("a-shared-key-of-the-tests"),
          new FakeNextcloud(),
          Bans.of(Ticker.systemTicker()),
          Ticker.systemTicker());
  public static final InetAddress CLIENT = address("203.0.113.7");
  public static final InetAddress PROXY = address("192.0.2.1");

  private FinishedRequests() {}

  public static Verdict toApp(String appId, AccessLevel level) {
    return to(TestExApp.at("127.0.0.1", 23000, appId, "app-secret"), level);
  }

  public static Verdict toCluster(String appId) {
    var exApp = TestExApp.at("127.0.0.1", 23000, appId, "app-secret");
    return to(exApp.inClusterAt(new ExAppAddress("10.96.0.9", 23000)), AccessLevel.PUBLIC);
  }

  private static Verdict to(ExApp exApp, AccessLevel level) {
    return verdict(
        Reason.ROUTE_ALLOWED,
        new Decision.Forward(
            exApp,
            "/x",
            new AppApiAuthorization("YWxpY2U6YXBwLXNlY3JldA=="),
            new NcUser("alice", level),
            false,
            Optional.empty()));
  }

  /** A request of AppAPI's own, with this between the two ends of base64. */
  public static Verdict signed(String userAndSecret) {
    return verdict(
        Reason.SIGNED_REQUEST,
        new Decision.Forward(
            TestExApp.at("127.0.0.1", 23000, "app", "app-secret"),
            "/x",
            new AppApiAuthorization(
                Base64.getEncoder().encodeToString(userAndSecret.getBytes(StandardCharsets.UTF_8))),
            NcUser.ANONYMOUS,
            true,
            Optional.empty()));
  }

  /** AppAPI asks whether an ExApp is up. */
  public static Verdict heartbeat(String appId) {
    return verdict(
        Reason.SIGNED_REQUEST,
        new Decision.Forward(
            TestExApp.at("127.0.0.1", 23000, appId, "app-secret"),
            "/heartbeat",
            new AppApiAuthorization("OmFwcC1zZWNyZXQ="),
            NcUser.ANONYMOUS,
            true,
            Optional.empty()));
  }

  /** An order of AppAPI's, by its path after {@code /exapps/app_api}. */
  public static Verdict order(String path) {
    return new Verdict(new Decision.Order(path), INSTANCE, Reason.ORDER, CLIENT, true, false);
  }

  public static Verdict refused(int status, Reason reason, boolean counted) {
    var refusal = new Decision.Refuse(status, Duration.ZERO, "");
    return new Verdict(refusal, INSTANCE, reason, CLIENT, false, counted);
  }

  private static Verdict verdict(Reason reason, Decision.Forward forward) {
    return new Verdict(forward, INSTANCE, reason, CLIENT, forward.signed(), false);
  }

  public static RequestRecord of(
      @Nullable Verdict verdict, int status, RequestRecord.@Nullable Failure failure) {
    return of("k3v9q0d1ze", "/exapps/app/x", verdict, status, failure);
  }

  public static RequestRecord of(
      String id,
      String path,
      @Nullable Verdict verdict,
      int status,
      RequestRecord.@Nullable Failure failure) {
    return new RequestRecord(
        id,
        "HTTP/1.1",
        "GET",
        path,
        "cloud.example.com",
        verdict,
        PROXY,
        status,
        false,
        "tunnel:23000",
        failure,
        Duration.ofNanos(1_234_567),
        Duration.ofMillis(7),
        Duration.ofMillis(9),
        10,
        2_000);
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
