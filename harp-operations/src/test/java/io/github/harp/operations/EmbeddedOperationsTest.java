// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmbeddedOperationsTest {

  private final EmbeddedGateway gateway = new EmbeddedGateway();

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void sharesWhatItIsAndWhatItDoes() throws Exception {
    gateway.request("/exapps/nobody/");

    var status = new JsonObject(gateway.show("/status"));

    assertThat(status.getString("version")).isEqualTo("7.5.3");
    assertThat(status.getString("nextcloud")).isEqualTo("http://127.0.0.1:9");
    assertThat(status.fieldNames()).contains("bans", "exapps").doesNotContain("tunnels");
    assertThat(gateway.show("/metrics")).contains("harp_requests");
  }

  @Test
  void theDoctorLooksAtWhatThereIs() throws Exception {
    var findings = findings("/doctor");

    assertThat(findings)
        .contains(Finding.ok("as the host wants them").about("settings"))
        .anySatisfy(
            finding -> {
              assertThat(finding.about()).isEqualTo("ports");
              assertThat(finding.severity()).isEqualTo(Severity.OK);
              assertThat(finding.seen()).contains("(the host's own setting)");
            });
    assertThat(findings).extracting(Finding::about).doesNotContain("tunnels", "certificates");
  }

  @Test
  void whatTheDoctorSendsThroughTheFrontDoorIsNobodysMistake() throws Exception {
    for (var path : List.of("", "/changed/by/a/proxy")) {
      assertThat(findings("/doctor?public_url=http://127.0.0.1:" + gateway.frontDoor() + path))
          .anySatisfy(
              finding -> {
                assertThat(finding.about()).isEqualTo("public address");
                assertThat(finding.seen()).contains(path.isEmpty() ? "comes back" : "arrives here");
              });
    }

    assertThat(gateway.show("/bans")).isEqualTo("{\"bans\":[]}");
  }

  private List<Finding> findings(String path) throws Exception {
    return Examination.from(new JsonObject(gateway.show(path))).findings();
  }
}
