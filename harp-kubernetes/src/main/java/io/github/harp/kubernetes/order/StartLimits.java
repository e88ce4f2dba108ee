// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import java.time.Duration;

/**
 * How long each part of a start may take.
 *
 * @param pod until there is a pod: somebody has to ask for it, and nothing may forbid it
 * @param place until a node has room; a cluster may add one
 * @param image until the image is pulled and the volume is there
 * @param program until the program in the container is ready
 */
public record StartLimits(Duration pod, Duration place, Duration image, Duration program) {

  public StartLimits() {
    this(
        Duration.ofSeconds(90),
        Duration.ofMinutes(10),
        Duration.ofHours(1),
        Duration.ofSeconds(90));
  }

  Duration of(PodReport.Stage stage) {
    return switch (stage) {
      case POD -> pod;
      case PLACE -> place;
      case IMAGE -> image;
      case PROGRAM -> program;
    };
  }
}
