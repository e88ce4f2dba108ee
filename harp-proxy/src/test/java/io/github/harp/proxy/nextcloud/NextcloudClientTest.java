// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.proxy.testing.TestHead;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of an answer. */
class NextcloudClientTest extends NextcloudQuestions {

  @Test
  void anExAppIsReadWithItsRoutes() throws Exception {
    nextcloud.answersJson(200, META);

    var exApp = get(client.exApp(new AppId("demo"))).orElseThrow();

    assertThat(exApp.id()).hasToString("demo");
    assertThat(exApp.version()).isEqualTo("2.1.0");
    assertThat(exApp.address().host()).isEqualTo("127.0.0.1");
    assertThat(exApp.address().port()).isEqualTo(23004);
    assertThat(exApp.token()).isEqualTo(Secret.of("s3cret"));
    assertThat(exApp.routes())
        .isEqualTo(
            RouteTable.of(
                List.of(
                    new ExAppRoute("^/public/.*", AccessLevel.PUBLIC, Set.of(401, 403)),
                    new ExAppRoute("^/api/.*", AccessLevel.USER, Set.of()))));
  }

  @Test
  void theQuestionCarriesTheKeyAndTheIdAsAsked() throws Exception {
    nextcloud.answersJson(200, META);

    get(client.exApp(new AppId("DeMo")));

    var asked = nextcloud.lastRequest();
    assertThat(asked.uri()).isEqualTo("/index.php/apps/app_api/harp/exapp-meta?appId=DeMo");
    assertThat(asked.getHeader("harp-shared-key")).isEqualTo("the-key");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 404})
  void anUnknownExAppIsAnAnswer(int status) throws Exception {
    nextcloud.answersJson(status, "{\"message\": \"no\"}");

    assertThat(get(client.exApp(new AppId("demo")))).isEmpty();
  }

  @Test
  void aPortMayBeWrittenAsAString() throws Exception {
    nextcloud.answersJson(200, META.replace("23004", "\"23004\""));

    assertThat(get(client.exApp(new AppId("demo"))).orElseThrow().address().port())
        .isEqualTo(23004);
  }

  @ParameterizedTest
  @CsvSource({"alice, 1, USER", "root, 2, ADMIN", "disabled, 0, PUBLIC"})
  void aUserHasAnIdAndALevel(String id, int level, AccessLevel expected) throws Exception {
    nextcloud.answersJson(200, "{\"user_id\": \"" + id + "\", \"access_level\": " + level + "}");

    assertThat(get(client.user(new AppId("demo"), TestHead.of("GET", "/"))))
        .contains(new NcUser(id, expected));
  }

  /** Contract 4.2 and RFC 8259, section 8.1. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"user_id\": \"alice\", \"access_level\": \"1\"}",
        "\ufeff{\"user_id\": \"alice\", \"access_level\": 1}"
      })
  void aLevelWrittenAsAStringAndAByteOrderMarkAreNoObstacle(String json) throws Exception {
    nextcloud.answersJson(200, json);

    assertThat(get(client.user(new AppId("demo"), TestHead.of("GET", "/"))))
        .contains(new NcUser("alice", AccessLevel.USER));
  }

  /** Fails closed, and is not the caller's mistake. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"user_id\": \"root:x\", \"access_level\": 1}",
        "{\"user_id\": \":\", \"access_level\": 0}",
        "{\"user_id\": \"alice\\n\", \"access_level\": 1}",
        "{\"user_id\": \"al\\u0000ice\", \"access_level\": 1}",
        "{\"user_id\": \"\", \"access_level\": 1}",
        "{\"access_level\": 2}",
        "{\"user_id\": \"alice\", \"access_level\": 3}",
        "{\"user_id\": null, \"access_level\": 0}",
        "{\"user_id\": \"alice\"}"
      })
  void aUserThatNextcloudCannotMeanIsAFailure(String json) {
    nextcloud.answersJson(200, json);

    assertFails(
        client.user(new AppId("demo"), TestHead.of("GET", "/")), Code.FAILED, "user-info: answer");
  }

  @Test
  void aMissingUserIdIsAnAnonymousUser() throws Exception {
    nextcloud.answersJson(200, "{\"access_level\": 0}");

    assertThat(get(client.user(new AppId("demo"), TestHead.of("GET", "/"))))
        .contains(NcUser.ANONYMOUS);
  }
}
