// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.operations.Check;
import io.github.harp.operations.Examination;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ExaminationTest {

  private static final Finding FINE = Finding.ok("0.0.0.0:8780 accepts connections").about("ports");
  private static final Finding WARNING =
      Finding.warning("two hours apart", "certificates are refused", "switch on chrony")
          .about("clock");
  private static final Finding FAILURE =
      Finding.failure("refused", "no ExApp is found", "start it\nor correct the URL")
          .about("nextcloud");

  @Test
  void theWorstFindingIsTheExitCode() {
    assertThat(new Examination(List.of(FINE)).exitCode()).isZero();
    assertThat(new Examination(List.of(FINE, WARNING)).exitCode()).isEqualTo(1);
    assertThat(new Examination(List.of(FAILURE, FINE, WARNING)).exitCode()).isEqualTo(2);
  }

  @Test
  void peopleReadWhatWasSeenWhatItMeansAndWhatToChange() {
    assertThat(new Examination(List.of(FINE, FAILURE)).toText())
        .isEqualTo(
            """
            [ ok ]  ports: 0.0.0.0:8780 accepts connections
            [FAIL]  nextcloud: refused
                    means:  no ExApp is found
                    change: start it
                            or correct the URL
            """);
  }

  @Test
  void survivesItsWayThroughJson() {
    var examination = new Examination(List.of(FINE, WARNING, FAILURE));

    assertThat(Examination.from(examination.toJson())).isEqualTo(examination);
  }

  @Test
  void aCheckThatBreaksEndsNoOtherAndFindingsAreNamedByTheDoctor() {
    var checks = new LinkedHashMap<String, Check>();
    checks.put(
        "broken",
        () -> {
          throw new IllegalStateException("on purpose");
        });
    checks.put("fine", () -> Stream.of(Finding.ok("all is well"), FINE));
    var heard = new ArrayList<String>();

    assertThat(
            new Doctor(checks).examine((done, all, next) -> heard.add(done + "/" + all)).findings())
        .extracting(Finding::about, Finding::severity)
        .containsExactly(
            tuple("broken", Severity.FAILURE),
            tuple("fine", Severity.OK),
            tuple("ports", Severity.OK));
    assertThat(heard).containsExactly("0/2", "1/2");
  }

  @Test
  @DisplayName("S15: what comes from outside forges no line of doctor's")
  void forgesNoLine() {
    var finding =
        Finding.note("app\n[ ok ]  all is well \u202e", "said\u001b[2J\nmore").about("tunnels");

    assertThat(new Examination(List.of(finding)).toText())
        .isEqualTo(
            """
            [note]  tunnels: app\\n[ ok ]  all is well \\u202e
                    means:  said\\u001b[2J
                            more
            """);
  }
}
