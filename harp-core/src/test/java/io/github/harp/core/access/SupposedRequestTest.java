// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static io.github.harp.core.testing.FakeRequest.get;
import static io.github.harp.core.testing.Gate.adminRoute;
import static io.github.harp.core.testing.Gate.gate;
import static io.github.harp.core.testing.Gate.userRoute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.path.PathForms;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteMatch;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.core.testing.Gate;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A request that nobody sent is decided as if somebody had, and nobody is the worse for it. */
class SupposedRequestTest {

  private static final NcUser BOB = new NcUser("bob", AccessLevel.USER);

  private final Gate gate = gate().withExApp("app", adminRoute("^/a"), userRoute("^/.*"));
  private final Instance instance = gate.gatekeeper.instances().all().get(0);
  private final Steps steps = new Steps();

  private Verdict suppose(FakeRequest request) {
    return gate.gatekeeper.supposing(instance, BOB, steps).decide(request, Runnable::run).result();
  }

  @Test
  void itsRowsAreToldInTheOrderOfTheTable() {
    assertThat(suppose(get("/exapps/app/x").session("whoever")).reason())
        .isEqualTo(Reason.ROUTE_ALLOWED);

    assertThat(steps.told)
        .containsExactly(
            "caller /203.0.113.7",
            "ban users false",
            "path app",
            "record app",
            "forms /x",
            "tried ^/.*",
            "user bob");
  }

  @Test
  void whatDecidesIsToldLast() {
    assertThat(suppose(get("/elsewhere")).reason()).isEqualTo(Reason.NOT_AN_EXAPP_PATH);

    assertThat(steps.told).last().isEqualTo("path nobody's");
  }

  @Test
  void whoShowsASessionIsWhomOneSupposes() {
    assertThat(suppose(get("/exapps/app/a").session("root")).reason())
        .isEqualTo(Reason.LEVEL_TOO_LOW);
    assertThat(gate.nextcloud.userQuestions()).isEmpty();
  }

  @Test
  void failuresCountNowhereAndSaySo() {
    for (var i = 0; i < 2 * Gate.BAN_COUNT; i++) {
      assertThat(suppose(get("/exapps/app_api/info").key("wrong")).counted()).isTrue();
      assertThat(suppose(get("/exapps/app/%2e%2e/")).counted()).isTrue();
    }

    assertThat(gate.bans.all()).allMatch(list -> list.entries().isEmpty());
    assertThat(gate.decide(get("/exapps/app/x").session("alice")).reason())
        .isEqualTo(Reason.ROUTE_ALLOWED);
  }

  @Test
  void whoIsBannedIsSeenToBe() {
    gate.repeat(Gate.BAN_COUNT, get("/elsewhere"));

    assertThat(suppose(get("/exapps/app/x")).reason()).isEqualTo(Reason.BANNED);
    assertThat(steps.told).last().isEqualTo("ban users true");
  }

  /** Notes what it is told. */
  private static final class Steps implements Trace {
    private final List<String> told = new ArrayList<>();

    @Override
    public void caller(Instance instance, InetAddress client, boolean hasKey) {
      told.add("caller " + client);
    }

    @Override
    public void ban(Failures list, boolean isBanned) {
      told.add("ban " + list.name() + " " + isBanned);
    }

    @Override
    public void path(ExAppPath target) {
      told.add("path " + (target == null ? "nobody's" : target.app()));
    }

    @Override
    public void record(AppId id, Optional<ExApp> exApp) {
      told.add("record " + id);
    }

    @Override
    public void forms(PathForms path) {
      told.add("forms " + path.raw());
    }

    @Override
    public void tried(ExAppRoute route, String path, RouteMatch answer) {
      told.add("tried " + route.url());
    }

    @Override
    public void user(NcUser user) {
      told.add("user " + user.id());
    }
  }
}
