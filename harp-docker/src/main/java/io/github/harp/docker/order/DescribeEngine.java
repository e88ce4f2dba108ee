// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.order;

import com.github.dockerjava.api.model.Version;
import io.github.harp.core.runtime.EngineFacts;
import io.github.harp.docker.transport.Engine;
import org.jspecify.annotations.Nullable;

/** Asks an engine what it is. */
public final class DescribeEngine {

  private final Engine engine;

  public DescribeEngine(Engine engine) {
    this.engine = engine;
  }

  public EngineFacts run() {
    var version = engine.docker().versionCmd().exec();
    var info = engine.docker().infoCmd().exec();
    return new EngineFacts(
        isPodman(version) ? "Podman" : "Docker",
        text(version.getVersion()),
        text(version.getApiVersion()),
        text(version.getMinAPIVersion()),
        text(info.getOperatingSystem()),
        text(info.getDockerRootDir()),
        new ListNetworks(engine).run());
  }

  /** Whether it is Podman. */
  boolean isPodman() {
    return isPodman(engine.docker().versionCmd().exec());
  }

  /** Podman answers as Docker does, but names itself among the components of its version. */
  private static boolean isPodman(Version version) {
    var components = version.getComponents();
    return components != null
        && components.stream().anyMatch(it -> String.valueOf(it.getName()).contains("Podman"));
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }
}
