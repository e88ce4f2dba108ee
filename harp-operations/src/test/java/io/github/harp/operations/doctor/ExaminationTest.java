// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.operations.Check;
import io.github.harp.operations.Examination;
import io.github.harp.operations.Finding;
import io.github.harp.operations.Severity;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ExaminationTest {

  private static final Finding FINE = Finding.ok("ports", "0.0.0.0:8780 accepts connections");
  private static final Finding WARNING =
      Finding.warning("clock", "two hours apart", "certificates are refused", "switch on chrony");
  private static final Finding FAILURE =
      Finding.failure("nextcloud", "refused", "no ExApp is found", "start it\nor correct the URL");

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
  void aCheckThatBreaksEndsNoOther() {
    var examination = new Doctor(List.of(new BrokenCheck(), new FineCheck())).examine();

    assertThat(examination.findings())
        .extracting(Finding::severity)
        .containsExactly(Severity.FAILURE, Severity.OK);
  }

  private static final class BrokenCheck implements Check {
    @Override
    public String name() {
      return "broken";
    }

    @Override
    public List<Finding> examine() {
      throw new IllegalStateException("on purpose");
    }
  }

  private static final class FineCheck implements Check {
    @Override
    public String name() {
      return "ports";
    }

    @Override
    public List<Finding> examine() {
      return List.of(FINE);
    }
  }

  @Test
  @DisplayName("S15: what comes from outside forges no line of doctor's")
  void forgesNoLine() {
    var finding = Finding.note("tunnels", "app\n[ ok ]  all is well \u202e", "said\u001b[2J\nmore");

    assertThat(new Examination(List.of(finding)).toText())
        .isEqualTo(
            """
            [note]  tunnels: app\\n[ ok ]  all is well \\u202e
                    means:  said\\u001b[2J
                            more
            """);
  }
}
