// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.github.harp.core.runtime.StartOutcome;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster says of an ExApp's start: its newest pod that is to stay, and its Deployment.
 * Contract 8.5.
 *
 * @param pod empty while there is none
 * @param deployment looked at only while there is no pod; empty when there is none
 */
record PodReport(Optional<Pod> pod, Optional<Deployment> deployment) {

  /** What is being waited for, as {@link StartLimits} names it. */
  enum Stage {
    POD,
    PLACE,
    IMAGE,
    PROGRAM
  }

  private static final Set<String> IMAGE_ERRORS =
      Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull");
  private static final Set<String> ON_THE_WAY = Set.of("ContainerCreating", "PodInitializing");
  private static final String NO_WORDS = "not ready; perhaps its node is gone: kubectl get nodes";
  private static final String READY = "ready";
  private static final String NOT_READY = "not_ready";

  /** The newest pod counts; one that is being deleted is of an earlier rollout. */
  static Optional<Pod> newest(List<Pod> pods) {
    return pods.stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .max(Comparator.comparing(pod -> String.valueOf(pod.getMetadata().getCreationTimestamp())));
  }

  /** How it ended; empty while it goes on. */
  Optional<StartOutcome> outcome() {
    if (pod.isEmpty() && deployment.isEmpty()) {
      return Optional.of(failed("not_found", NOT_READY));
    }
    var phase = phase();
    if (phase.equals("Running") && is("Ready")) {
      return Optional.of(new StartOutcome(true, "running", READY, null));
    }
    return switch (phase) {
      case "Succeeded" -> Optional.of(new StartOutcome(true, "succeeded", READY, null));
      case "Failed", "Unknown" -> Optional.of(failed(phase, NOT_READY));
      default ->
          waiting()
              .filter(it -> IMAGE_ERRORS.contains(String.valueOf(it.getReason())))
              .map(
                  it ->
                      new StartOutcome(
                          false, it.getReason(), "image_error", it.getReason(), it.getMessage()));
    };
  }

  /** What is said when a stage takes too long. */
  StartOutcome timeout() {
    return failed(phase(), "timeout");
  }

  /** W25: what runs, or has run, has been pulled. */
  Stage stage() {
    if (pod.isEmpty()) {
      return Stage.POD;
    }
    if (container().filter(this::isPulled).isPresent()) {
      return Stage.PROGRAM;
    }
    return is("PodScheduled") ? Stage.IMAGE : Stage.PLACE;
  }

  private boolean isPulled(ContainerStatus container) {
    var state = container.getState();
    return state != null && (state.getRunning() != null || state.getTerminated() != null)
        || stuck().isPresent();
  }

  private String phase() {
    return pod.map(it -> it.getStatus() == null ? null : it.getStatus().getPhase())
        .orElse(pod.isPresent() ? "Unknown" : "Pending");
  }

  private StartOutcome failed(String status, String health) {
    var why = why();
    return new StartOutcome(false, status, health, why.reason(), why.message());
  }

  private record Why(@Nullable String reason, @Nullable String message) {}

  /** The most telling of what the cluster says. */
  private Why why() {
    if (pod.isEmpty()) {
      return deployment.map(PodReport::whyNoPod).orElse(new Why("NotFound", "no such deployment"));
    }
    var stuck = stuck();
    if (stuck.isPresent()) {
      return new Why(stuck.get().getReason(), join(stuck.get().getMessage(), lastEnd()));
    }
    var ended = container().map(ContainerStatus::getState).map(it -> it.getTerminated());
    if (ended.isPresent()) {
      return new Why(ended.get().getReason(), join(ended.get().getMessage(), exit(ended.get())));
    }
    var said = pod.map(Pod::getStatus).filter(it -> it.getReason() != null);
    if (said.isPresent()) {
      return new Why(said.get().getReason(), said.get().getMessage());
    }
    for (var type : List.of("PodScheduled", "Initialized", "ContainersReady", "Ready")) {
      var condition = condition(type);
      if (condition.isPresent() && !"True".equals(condition.get().getStatus())) {
        return new Why(
            Objects.requireNonNullElse(condition.get().getReason(), "NotReady"),
            Objects.requireNonNullElse(condition.get().getMessage(), NO_WORDS));
      }
    }
    return is("PodScheduled")
        ? new Why("NodeSilent", "its node does not start it; perhaps it is gone: kubectl get nodes")
        : new Why("NotScheduled", "no scheduler looks for a node: kubectl get pods -n kube-system");
  }

  private static Why whyNoPod(Deployment deployment) {
    if (Objects.equals(deployment.getSpec().getReplicas(), 0)) {
      return new Why("NotStarted", "the deployment is stopped: expected an order to start it");
    }
    return Stream.ofNullable(deployment.getStatus())
        .flatMap(it -> it.getConditions().stream())
        .filter(it -> it.getType().equals("ReplicaFailure") && it.getStatus().equals("True"))
        .findAny()
        .map(it -> new Why(it.getReason(), it.getMessage()))
        .orElse(new Why("NoPod", "the cluster has made no pod for it yet"));
  }

  private @Nullable String lastEnd() {
    return container()
        .map(ContainerStatus::getLastState)
        .map(it -> it.getTerminated())
        .map(PodReport::exit)
        .orElse(null);
  }

  private static String exit(ContainerStateTerminated ended) {
    return "ended with exit code " + ended.getExitCode();
  }

  private static @Nullable String join(@Nullable String first, @Nullable String second) {
    if (first == null || first.isBlank()) {
      return second;
    }
    return second == null ? first : first + "; " + second;
  }

  private Optional<ContainerStateWaiting> waiting() {
    return container().map(ContainerStatus::getState).map(it -> it.getWaiting());
  }

  /** Waits for what does not come by itself. */
  private Optional<ContainerStateWaiting> stuck() {
    return waiting().filter(it -> !ON_THE_WAY.contains(String.valueOf(it.getReason())));
  }

  private Optional<ContainerStatus> container() {
    return pod.map(Pod::getStatus).flatMap(it -> it.getContainerStatuses().stream().findFirst());
  }

  private boolean is(String condition) {
    return condition(condition).filter(it -> "True".equals(it.getStatus())).isPresent();
  }

  private Optional<PodCondition> condition(String type) {
    return pod.map(Pod::getStatus)
        .flatMap(
            status ->
                status.getConditions().stream().filter(it -> type.equals(it.getType())).findAny());
  }
}
