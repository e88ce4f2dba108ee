// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.testing.FakeRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineRulesTest {
  private static final String PULL = "/images/create?fromImage=alpine";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /_ping",
        "HEAD /_ping",
        "GET /v1.44/_ping",
        "GET /v1/_ping",
        "GET /v1.44/%5Fping",
        "GET /v1.44/images/alpine/json",
        "GET /v1.44/images/ghcr.io/nextcloud/test-deploy:latest/json",
        "GET /v1.44/images/localhost:5000/a/b_c@sha256:0123abcd/json",
        "GET /images/ghcr.io%2Fnextcloud%2Fapp%3A1.0/json",
        "HEAD /v1.44/containers/nc_app_demo/json",
        "GET /v1.44/containers/nc_app_a-b_c.d/json?size=1",
        "GET /v1.44/containers/nc_app_demo/logs?stdout=true&stderr=true&tail=all&follow=1",
        "GET /v1.44/containers/nc%5fapp%5Fdemo/json",
        "POST /v1.44/images/create?fromImage=ghcr.io%2Facme%2Fdemo%3A1.0",
        "POST /images/create?fromImage=alpine&tag=3.20&platform=linux/amd64",
        "POST /images/create?fromImage=alpine&tag=sha256:0123&&",
        "POST /images/create?fromImage=localhost:5000/a/b_c@sha256:0123abcd",
        "GET /v1.51/images/alpine/json?manifests=1",
      })
  void theCallsOfAppApiAreAllowed(String call) {
    assertThat(objection(call)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /info",
        "GET /",
        "GET",
        "GET /containers/json",
        "GET /images/json",
        "GET /images//json",
        "GET /v1.44",
        "GET /v1.44/v1.44/_ping",
        "GET /v1.44.1/_ping",
        "GET /v/_ping",
        "GET /containers/mysql/json",
        "GET /containers/xnc_app_demo/json",
        "GET /containers/nc_app_/json",
        "GET /containers/nc_app_demo/top",
        "POST /containers/nc_app_demo/exec",
        "POST /containers/create",
        "GET /_ping/",
        "GET /_ping/../info",
        "GET /_ping%00",
        "GET /_ping%0a",
        "GET /%2e%2e/_ping",
        "GET //_ping",
        "GET /./_ping",
        "GET /v1.44/./_ping",
      })
  void everythingElseIsNot(String call) {
    assertThat(objection(call)).isNotNull();
  }

  @ParameterizedTest(name = "W14 {0}")
  @ValueSource(
      strings = {
        "GET /containers/nc_app_x/jsonfoo/bar",
        "GET /containers/nc_app_x/logs/../../../info",
        "GET /containers/nc_app_x/../mysql/json",
        "GET /containers/nc_app_x%2f..%2fmysql/json",
        "GET /containers/nc_app_x%252f..%252fmysql/json",
        "GET /containers/nc_app_x%2fy/json",
        "GET /containers/NC_APP_x/json",
        "GET /CONTAINERS/nc_app_x/json",
        "GET /_PING",
        "GET /images/../containers/mysql/json",
        "GET /images/a/../../containers/mysql/json",
        "GET /images/a%2f..%2f..%2fcontainers%2fmysql/json",
        "GET /images/a/./json",
        "GET /images/a//json",
        "GET /images/a%3Fb/json",
        "GET /images/a%23b/json",
        "GET /images/a%5C..%5Cb/json",
        "GET /images/a%25/json",
        "GET /images/a%c3%a9/json",
        "GET /images/a%/json",
        "GET /images/a%2/json",
        "GET /images/a%zz/json",
        "POST /images/create/",
        "POST /images/create/x?fromImage=a",
      })
  void w14_aRuleMatchesTheWholeDecodedPathAndNothingMore(String call) {
    assertThat(objection(call)).isNotNull();
  }

  @ParameterizedTest(name = "W14 {0}")
  @ValueSource(
      strings = {
        "",
        "fromImage=",
        "fromImage",
        "tag=1",
        "fromimage=alpine",
        "fromSrc=-",
        "fromSrc=http://evil/root.tar",
        "fromImage=alpine&fromSrc=-",
        "fromImage=alpine&FROMSRC=-",
        "fromImage=alpine&from%53rc=-",
        "fromImage=alpine&+fromSrc=-",
        "fromImage=alpine&fromSrc",
        "fromImage=&fromImage=alpine",
        "fromImage=a&fromImage=b",
        "fromImage=alpine&x%=1",
      })
  void w14_aPullNamesOneImageAndImportsNothing(String query) {
    assertThat(objection("POST /v1.44/images/create?" + query)).contains("/images/create");
  }

  @ParameterizedTest(name = "S17: {0}")
  @ValueSource(
      strings = {
        "GET /_ping?x=1",
        "GET /images/alpine/json?fromImage=a",
        "GET /containers/nc_app_a/json?Size=1",
        "GET /containers/nc_app_a/json?size=1&size=0",
        "GET /containers/nc_app_a/json?size=1;x=2",
        "GET /containers/nc_app_a/json?size=%zz",
        "GET /containers/nc_app_a/logs?stdout=1&detachKeys=a",
        "GET /containers/nc_app_a/logs?%",
        "POST /images/create?fromImage=alpine&message=a",
        "POST /images/create?fromImage=alpine&changes=ENV+A=1",
        "POST /images/create?fromImage=alpine&repo=a",
        "POST /images/create?fromImage=alpine&x=1",
        "POST /images/create?fromImage=alpine&FromImage=a",
        "POST /images/create?fromImage=alpine;fromSrc=-",
        "POST /images/create?fromImage=alpine&tag=1&tag=2",
        "POST /images/create?fromImage=docker-archive:/root/a.tar",
        "POST /images/create?fromImage=dir%3A%2Fetc",
        "POST /images/create?fromImage=docker://a/b",
        "POST /images/create?fromImage=a%0ab",
      })
  void s17_aCallHasItsOwnParametersAndNoOthers(String call) {
    assertThat(objection(call)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "application/x-www-form-urlencoded",
    "Application/X-WWW-Form-Urlencoded; charset=utf-8",
    "multipart/form-data; boundary=x",
  })
  void w14_aFormCannotReplaceTheQueryOfAPull(String contentType) {
    var head = FakeRequest.of("POST", PULL).header("content-type", contentType);

    assertThat(EngineRules.objection(head, head.path()))
        .hasValueSatisfying(reason -> assertThat(reason).contains("form"));
  }

  @ParameterizedTest(name = "S2 {0}")
  @ValueSource(strings = {"text/plain, application/x-www-form-urlencoded", "first", "last"})
  void s2_noLineOfTheContentTypeMayNameAForm(String where) {
    var form = "application/x-www-form-urlencoded";
    var head = FakeRequest.of("POST", PULL);
    switch (where) {
      case "first" -> head.header("content-type", form).header("Content-Type", "application/json");
      case "last" -> head.header("content-type", "application/json").header("Content-Type", form);
      default -> head.header("content-type", where);
    }

    assertThat(EngineRules.objection(head, head.path()))
        .hasValueSatisfying(reason -> assertThat(reason).contains("form"));
  }

  @Test
  void anObjectionNamesTheMissingRule() {
    assertThat(objection("DELETE /images/alpine/json")).contains("GET, HEAD");
    assertThat(objection("GET /images/create?fromImage=a")).contains("POST");
    assertThat(objection("GET /info")).contains("no rule", "/_ping");
  }

  private static String objection(String call) {
    var parts = call.split(" ", 2);
    var head = FakeRequest.of(parts[0], parts.length == 2 ? parts[1] : "");
    return EngineRules.objection(head, head.path()).orElse(null);
  }
}
