// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.ExAppName;
import java.util.List;
import java.util.Objects;

/**
 * A container to be made for an ExApp.
 *
 * @param image image reference; it must be on the engine already
 * @param networkMode Docker network mode or the name of a network
 * @param environment {@code NAME=value} entries in order; values are secret
 * @param restartPolicy Docker's name for it
 */
public record ExAppSpec(
    ExAppName name,
    String image,
    String networkMode,
    List<String> environment,
    String restartPolicy,
    ComputeDevice device,
    List<Mount> mounts,
    ResourceLimits limits) {

  public ExAppSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(image, "image");
    environment = List.copyOf(environment);
    mounts = List.copyOf(mounts);
  }

  /** The same container with another environment. */
  public ExAppSpec withEnvironment(List<String> replacement) {
    return new ExAppSpec(
        name, image, networkMode, replacement, restartPolicy, device, mounts, limits);
  }

  /** Without the environment, which holds secrets. */
  @Override
  public String toString() {
    return name.container()
        + " from "
        + image
        + " in network "
        + networkMode
        + " on "
        + device
        + ", restart "
        + restartPolicy
        + ", mounts "
        + mounts
        + ", "
        + environment.size()
        + " variables";
  }
}
