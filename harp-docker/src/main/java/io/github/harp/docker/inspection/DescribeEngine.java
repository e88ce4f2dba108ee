// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

import com.github.dockerjava.api.model.Version;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.docker.inspection.EngineNetworks.Container;
import io.github.harp.docker.transport.Engine;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks an engine what it is, and judges its answers. */
public final class DescribeEngine {

  private final Engine engine;

  public DescribeEngine(Engine engine) {
    this.engine = engine;
  }

  public PlaceReport run() {
    var facts = facts();
    var where = engine.where();
    var ofNetworks =
        NetworkFindings.of(where, facts.networks(), OwnContainer.id()).judge().stream()
            .map(finding -> finding.about("networks"));
    return new PlaceReport(
        facts.product() + " " + facts.version(),
        Stream.concat(new EngineFindings(where, facts).findings(), ofNetworks).toList(),
        Optional.of(facts.rootFolder()).filter(folder -> !folder.isEmpty()),
        folders(facts.networks()));
  }

  EngineFacts facts() {
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

  private static Map<String, Set<String>> folders(EngineNetworks networks) {
    return networks.containers().stream()
        .filter(container -> container.isExApp() && !container.hostAccess().folders().isEmpty())
        .collect(
            Collectors.toMap(
                Container::name, it -> it.hostAccess().folders(), (first, again) -> first));
  }

  public boolean isPodman() {
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
