// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.exApp;
import static io.github.harp.core.testing.Gate.publicRoute;
import static io.github.harp.core.testing.Gate.userRoute;
import static io.github.harp.core.testing.Wait.failureOf;
import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the gatekeeper may rely on, whatever tells it about ExApps and users. */
public abstract class NextcloudContract {
  private static final NcUser ALICE = new NcUser("alice", AccessLevel.USER);

  /** The one under test. */
  protected abstract Nextcloud nextcloud();

  /** Nextcloud knows this ExApp from now on. */
  protected abstract void knows(ExApp exApp);

  /** Whoever shows this text in its session cookie or in Authorization is this user. */
  protected abstract void knows(String credential, NcUser user);

  /** Nextcloud answers 'no' when it is asked who somebody is. */
  protected abstract void refusesUsers();

  /** Nextcloud is out of order, or in order again. */
  protected abstract void isOut(boolean out);

  @Test
  void tellsAllAboutAnExApp() {
    var exApp = exApp("app", publicRoute("^/public/.*", 401, 403), userRoute(".*"));
    knows(exApp);

    assertThat(resultOf(nextcloud().exApp(new AppId("app")))).contains(exApp);
  }

  @Test
  void anUnknownExAppIsAnAnswer() {
    assertThat(resultOf(nextcloud().exApp(new AppId("nobody")))).isEmpty();
  }

  @Test
  void tellsWhoShowsASessionCookie() {
    knows("alice-session", ALICE);

    assertThat(resultOf(nextcloud().user(new AppId("app"), get("/").session("alice-session"))))
        .contains(ALICE);
  }

  @Test
  void tellsWhoShowsAnAuthorization() {
    knows("alice-token", ALICE);

    assertThat(
            resultOf(
                nextcloud()
                    .user(
                        new AppId("app"), get("/").header("authorization", "Bearer alice-token"))))
        .contains(ALICE);
  }

  @Test
  void cookiesOnSeveralLinesAllCount() {
    knows("alice-session", ALICE);
    var request = get("/").session("alice-session").header("cookie", "other=1");

    assertThat(resultOf(nextcloud().user(new AppId("app"), request))).contains(ALICE);
  }

  @Test
  void anAnonymousCallerIsAnAnswer() {
    assertThat(resultOf(nextcloud().user(new AppId("app"), get("/").session("expired"))))
        .contains(NcUser.ANONYMOUS);
  }

  @Test
  void aRefusalIsNoUser() {
    knows("alice-session", ALICE);
    refusesUsers();

    assertThat(resultOf(nextcloud().user(new AppId("app"), get("/").session("alice-session"))))
        .isEmpty();
  }

  @Test
  void anOutageIsAFailureInWordsAndNothingIsRemembered() {
    knows(exApp("app"));
    isOut(true);

    assertThat(failureOf(nextcloud().exApp(new AppId("app"))))
        .isInstanceOf(HarpException.class)
        .hasMessageContaining("Nextcloud");
    assertThat(failureOf(nextcloud().user(new AppId("app"), get("/").session("x"))))
        .isInstanceOf(HarpException.class);

    isOut(false);
    assertThat(resultOf(nextcloud().exApp(new AppId("app")))).isPresent();
  }

  @Test
  void nothingIsKept() {
    assertThat(resultOf(nextcloud().exApp(new AppId("app")))).isEmpty();
    knows(exApp("app"));

    assertThat(resultOf(nextcloud().exApp(new AppId("app")))).isPresent();
  }

  @Test
  void whoWaitsIsToldOnSomeThreadWithoutBlockingTheCaller() {
    knows(exApp("app"));
    var told = new CompletableFuture<Boolean>();

    nextcloud().exApp(new AppId("app")).onComplete(answer -> told.complete(answer.succeeded()));

    assertThat(told).succeedsWithin(io.github.harp.core.testing.Wait.LIMIT).isEqualTo(true);
  }
}
