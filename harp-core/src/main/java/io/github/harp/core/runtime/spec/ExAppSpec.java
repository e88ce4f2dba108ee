// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import io.github.harp.core.ExAppName;
import java.util.Objects;

/**
 * A container to be made for an ExApp, wherever it runs.
 *
 * @param image image reference; an engine must have it already, a cluster pulls it
 * @param onEngine what matters on an engine only
 */
public record ExAppSpec(
    ExAppName name,
    String image,
    ContainerEnvironment environment,
    ComputeDevice device,
    ResourceLimits limits,
    EngineOptions onEngine) {

  public ExAppSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(image, "image");
  }

  /** The same with another environment. */
  public ExAppSpec with(ContainerEnvironment other) {
    return new ExAppSpec(name, image, other, device, limits, onEngine);
  }

  @Override
  public String toString() {
    return name.container()
        + " from "
        + image
        + " on "
        + device
        + " with "
        + environment
        + (onEngine.equals(new EngineOptions()) ? "" : ", " + onEngine);
  }
}
