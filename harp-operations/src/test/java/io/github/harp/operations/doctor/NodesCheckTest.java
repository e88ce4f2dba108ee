// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.notice.ClusterNode;
import io.github.harp.core.notice.ClusterNode.State;
import io.github.harp.core.notice.ClusterStatus;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.operations.NodesView;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodesCheckTest {

  private static final Finding MEETING = Finding.ok("all meet at one place");

  private final List<String> tried = new ArrayList<>();

  private static ClusterNode node(String name, State state) {
    return new ClusterNode(name, "1", "12345678", state, Duration.ZERO, Duration.ZERO, List.of());
  }

  private List<Finding> seen(Future<Void> link) {
    var nodes =
        List.of(node("own", State.THIS), node("there", State.PRESENT), node("gone", State.SILENT));
    var status = new ClusterStatus(true, List.of(), 0, 0, 0, 0, 0, List.of(), nodes);
    return new NodesCheck(
            new NodesView(
                () -> List.of(MEETING),
                () -> status,
                List::of,
                name -> {
                  tried.add(name);
                  return link;
                }))
        .examine()
        .toList();
  }

  @Test
  void theWayToThoseThatAreThereIsTried() {
    assertThat(seen(Future.succeededFuture())).containsExactly(MEETING);
    assertThat(tried).containsExactly("there");
  }

  @Test
  void aWayThatIsNotOpenIsAFailure() {
    assertThat(seen(Future.failedFuture(new HarpException(Code.UNREACHABLE, "refused"))))
        .element(1)
        .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.FAILURE))
        .extracting(Finding::seen)
        .isEqualTo("node there is not reached: refused");
  }
}
