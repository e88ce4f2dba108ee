// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import static io.github.harp.kubernetes.order.PodReport.Stage.IMAGE;
import static io.github.harp.kubernetes.order.PodReport.Stage.PLACE;
import static io.github.harp.kubernetes.order.PodReport.Stage.POD;
import static io.github.harp.kubernetes.order.PodReport.Stage.PROGRAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.github.harp.core.runtime.StartOutcome;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of contract 8.5, and what is said when it takes too long. */
class PodReportTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "phase: Running, conditions: [{type: Ready, status: 'True'}]|true|running|ready|-|-",
        "phase: Succeeded|true|succeeded|ready|-|-",
        "phase: Failed, reason: Evicted, message: no disk|false|Failed|not_ready|Evicted|no disk",
        "phase: Unknown, reason: NodeLost|false|Unknown|not_ready|NodeLost|-",
        "phase: Pending, containerStatuses: [{state: {waiting: {reason: ErrImagePull, message:"
            + " no}}}]|false|ErrImagePull|image_error|ErrImagePull|no",
        "phase: Pending, containerStatuses: [{state: {waiting: {reason: ImagePullBackOff}}}]"
            + "|false|ImagePullBackOff|image_error|ImagePullBackOff|-",
        "phase: Pending, containerStatuses: [{state: {waiting: {reason: InvalidImageName}}}]"
            + "|false|InvalidImageName|image_error|InvalidImageName|-",
      })
  void anEndIsToldAtOnce(
      String status, boolean started, String state, String health, String reason, String message) {
    assertThat(of(status).outcome())
        .hasValue(new StartOutcome(started, state, health, reason, message));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "phase: Pending",
        "phase: Running",
        "phase: Running, conditions: [{type: Ready, status: 'False'}]",
        "phase: Pending, containerStatuses: [{state: {waiting: {reason: ContainerCreating}}}]",
        "phase: Running, containerStatuses: [{state: {waiting: {reason: CrashLoopBackOff}}}]",
        "phase: Pending, containerStatuses: [{state: {waiting: {reason: CreateContainerError}}}]",
      })
  void otherwiseItGoesOn(String status) {
    assertThat(of(status).outcome()).isEmpty();
  }

  @ParameterizedTest
  @DisplayName("W25: what runs, or has run, has been pulled")
  @CsvSource(
      delimiter = '|',
      value = {
        "phase: Pending|PLACE",
        "phase: Pending, conditions: [{type: PodScheduled, status: 'False'}]|PLACE",
        "phase: Pending, conditions: [{type: PodScheduled, status: 'True'}]|IMAGE",
        "phase: Pending, conditions: [{type: PodScheduled, status: 'True'}],"
            + " containerStatuses: [{state: {waiting: {reason: ContainerCreating}}}]|IMAGE",
        "phase: Running, conditions: [{type: PodScheduled, status: 'True'}],"
            + " containerStatuses: [{state: {running: {}}}]|PROGRAM",
        "phase: Running, conditions: [{type: PodScheduled, status: 'True'}],"
            + " containerStatuses: [{state: {terminated: {exitCode: 1}}}]|PROGRAM",
        "phase: Running, conditions: [{type: PodScheduled, status: 'True'}],"
            + " containerStatuses: [{state: {waiting: {reason: CrashLoopBackOff}}}]|PROGRAM",
      })
  void w25_whatRunsHasBeenPulled(String status, PodReport.Stage stage) {
    assertThat(of(status).stage()).isEqualTo(stage);
  }

  @Test
  void onlyAnImageMayTakeAnHour() {
    assertThat(List.of(POD, PLACE, IMAGE, PROGRAM))
        .extracting(stage -> new StartLimits().of(stage).toSeconds())
        .containsExactly(90L, 600L, 3600L, 90L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable,"
            + " message: '0/1 nodes are available'}]"
            + "|Pending|Unschedulable|0/1 nodes are available",
        "phase: Running, containerStatuses: [{state: {waiting: {reason: CrashLoopBackOff,"
            + " message: back-off 10s}}, lastState: {terminated: {exitCode: 3}}}]"
            + "|Running|CrashLoopBackOff|back-off 10s; ended with exit code 3",
        "phase: Running, containerStatuses: [{state: {terminated: {exitCode: 137, reason:"
            + " OOMKilled}}}]|Running|OOMKilled|ended with exit code 137",
        "phase: Running, containerStatuses: [{state: {running: {}}}], conditions: [{type: Ready,"
            + " status: 'False', reason: ContainersNotReady, message: 'unready: [app]'}]"
            + "|Running|ContainersNotReady|unready: [app]",
        "phase: Pending, containerStatuses: [{state: {waiting: {reason: CreateContainerConfigError,"
            + " message: 'secret \"x\" not found'}}}]"
            + "|Pending|CreateContainerConfigError|secret \"x\" not found",
        "phase: Pending|Pending|NotScheduled"
            + "|no scheduler looks for a node: kubectl get pods -n kube-system",
        "phase: Pending, conditions: [{type: PodScheduled, status: 'True'}]|Pending|NodeSilent"
            + "|its node does not start it; perhaps it is gone: kubectl get nodes",
        "phase: Failed, reason: Evicted, message: no disk, conditions: [{type: Ready, status:"
            + " 'False', reason: PodFailed}]|Failed|Evicted|no disk",
      })
  void aTimeoutSaysWhatTheClusterSays(String status, String state, String reason, String message) {
    assertThat(of(status).timeout())
        .isEqualTo(new StartOutcome(false, state, "timeout", reason, message));
  }

  @Test
  void withoutAPodTheDeploymentSaysWhy() {
    var deployment =
        """
        spec: {replicas: 1}
        status: {conditions: [{type: ReplicaFailure, status: 'True', reason: FailedCreate,
          message: 'exceeded quota: q, requested: pods=1'}]}
        """;

    assertThat(noPod(deployment).timeout())
        .isEqualTo(
            new StartOutcome(
                false,
                "Pending",
                "timeout",
                "FailedCreate",
                "exceeded quota: q, requested: pods=1"));
    assertThat(noPod("spec: {replicas: 0}").timeout().reason()).isEqualTo("NotStarted");
    assertThat(noPod("spec: {replicas: 1}").timeout().reason()).isEqualTo("NoPod");
    assertThat(noPod("spec: {replicas: 1}").stage()).isEqualTo(POD);
  }

  @Test
  @DisplayName("W25: the newest pod that is to stay counts")
  void w25_theNewestPodCounts() {
    var old = pod("metadata: {name: old, creationTimestamp: '2026-01-01T00:00:00Z'}");
    var now = pod("metadata: {name: now, creationTimestamp: '2026-01-02T00:00:00Z'}");
    var going =
        pod(
            "metadata: {name: going, creationTimestamp: '2026-01-03T00:00:00Z',"
                + " deletionTimestamp: '2026-01-03T00:00:01Z'}");

    assertThat(PodReport.newest(List.of(now, old, going)))
        .hasValueSatisfying(pod -> assertThat(pod.getMetadata().getName()).isEqualTo("now"));
    assertThat(PodReport.newest(List.of(going))).isEmpty();
  }

  private static PodReport of(String status) {
    return new PodReport(
        Optional.of(pod("metadata: {name: p}\nstatus: {" + status + "}")), Optional.empty());
  }

  private static PodReport noPod(String deployment) {
    return new PodReport(
        Optional.empty(), Optional.of(Serialization.unmarshal(deployment, Deployment.class)));
  }

  private static Pod pod(String yaml) {
    return Serialization.unmarshal(yaml, Pod.class);
  }
}
