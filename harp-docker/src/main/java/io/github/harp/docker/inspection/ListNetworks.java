// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectContainerResponse.Mount;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.ContainerConfig;
import com.github.dockerjava.api.model.Device;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.docker.transport.Engine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks an engine for its networks and who is in them. */
final class ListNetworks {

  private static final Logger LOG = LoggerFactory.getLogger(ListNetworks.class);

  /** How many ExApps are looked at closely, for which one call each is needed. */
  private static final int MAX_INSPECTED = 50;

  private final Engine engine;

  ListNetworks(Engine engine) {
    this.engine = engine;
  }

  /** Unknown where the engine does not want to tell: something in front of it may forbid it. */
  EngineNetworks run() {
    try {
      var namesById = new HashMap<String, String>();
      for (var network : engine.docker().listNetworksCmd().exec()) {
        namesById.put(network.getId(), network.getName());
      }
      var containers = new ArrayList<EngineNetworks.Container>();
      var inspected = 0;
      for (var listed : engine.docker().listContainersCmd().withShowAll(true).exec()) {
        var container = describe(listed, namesById);
        containers.add(
            container.isExApp() && inspected++ < MAX_INSPECTED
                ? inspect(container, namesById)
                : container);
      }
      return new EngineNetworks(new HashSet<>(namesById.values()), containers);
    } catch (DockerException e) {
      LOG.debug("{}: does not tell its networks", engine, e);
      return EngineNetworks.UNKNOWN;
    }
  }

  private static EngineNetworks.Container describe(
      Container listed, Map<String, String> namesById) {
    var host = listed.getHostConfig();
    var settings = listed.getNetworkSettings();
    var names = listed.getNames();
    return new EngineNetworks.Container(
        listed.getId(),
        names == null || names.length == 0 ? "" : names[0].replaceFirst("^/", ""),
        mode(host == null ? null : host.getNetworkMode(), namesById),
        settings == null ? Set.of() : keys(settings.getNetworks()),
        Optional.empty());
  }

  private EngineNetworks.Container inspect(
      EngineNetworks.Container listed, Map<String, String> namesById) {
    var found = engine.docker().inspectContainerCmd(listed.id()).exec();
    var host = found.getHostConfig();
    var settings = found.getNetworkSettings();
    var environment = environment(found.getConfig());
    return new EngineNetworks.Container(
        listed.id(),
        listed.name(),
        mode(host == null ? null : host.getNetworkMode(), namesById),
        settings == null ? Set.of() : keys(settings.getNetworks()),
        tunnelServer(environment),
        hostAccess(found, environment));
  }

  private static HostAccess hostAccess(
      InspectContainerResponse found, ContainerEnvironment environment) {
    var folders = new HashSet<String>();
    for (var mount : Objects.requireNonNullElse(found.getMounts(), List.<Mount>of())) {
      // A volume has a name, a folder of the host has none.
      if (isEmpty(mount.getName()) && !isEmpty(mount.getSource())) {
        folders.add(mount.getSource());
      }
    }
    var devices = new HashSet<String>();
    var host = found.getHostConfig();
    var given = host == null ? null : host.getDevices();
    for (var device : given == null ? new Device[0] : given) {
      devices.add(String.valueOf(device.getPathOnHost()));
    }
    return new HostAccess(
        folders, environment.get("COMPUTE_DEVICE").equals(Optional.of("CUDA")), devices);
  }

  private static boolean isEmpty(@Nullable String text) {
    return text == null || text.isEmpty();
  }

  /** A network may be named by its id, too. */
  private static String mode(@Nullable String mode, Map<String, String> namesById) {
    var given = Objects.requireNonNullElse(mode, "");
    return namesById.getOrDefault(given, given);
  }

  private static Set<String> keys(@Nullable Map<String, ?> networks) {
    return networks == null ? Set.of() : networks.keySet();
  }

  private static ContainerEnvironment environment(@Nullable ContainerConfig config) {
    var entries = config == null ? null : config.getEnv();
    return ContainerEnvironment.of(entries == null ? new String[0] : entries);
  }

  /** AppAPI gives all three to containers with a tunnel, and none to others. */
  private static Optional<String> tunnelServer(ContainerEnvironment environment) {
    var host = value(environment, "HP_FRP_ADDRESS");
    var port = value(environment, "HP_FRP_PORT");
    return value(environment, "HP_SHARED_KEY").isEmpty() || host.isEmpty()
        ? Optional.empty()
        : Optional.of(host.get() + ":" + port.orElse(""));
  }

  private static Optional<String> value(ContainerEnvironment environment, String name) {
    return environment.get(name).filter(value -> !value.isEmpty());
  }
}
