// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.order;

import static io.github.harp.core.HarpException.Code.BAD_REQUEST;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.DeviceRequest;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.core.command.CreateContainerCmdImpl;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.docker.transport.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** An ExApp's container in the engine's terms. Contract 5.10. */
record CreateCommand(Engine engine, ExAppSpec spec) {

  private static final Set<String> WITHOUT_ALIASES =
      Set.of("", "bridge", "default", "host", "none");

  /** What Docker gives a container that says nothing; Podman 4.3 gives it no second. */
  private static final int SECONDS_TO_STOP = 10;

  CreateContainerCmd build() {
    var command = new SilentCreate(engine, spec.image());
    command
        .withName(spec.name().container())
        .withHostName(spec.name().id().text())
        .withStopTimeout(SECONDS_TO_STOP)
        .withEnv(spec.environment().entries())
        .withHostConfig(hostConfig());
    if (takesAliases(spec.onEngine().networkMode())) {
      command.withAliases(spec.name().id().text());
    }
    return command;
  }

  private HostConfig hostConfig() {
    var host =
        HostConfig.newHostConfig()
            .withNetworkMode(spec.onEngine().networkMode())
            .withRestartPolicy(restartPolicy())
            .withMounts(mounts());
    spec.limits().memoryBytes().ifPresent(host::withMemory);
    spec.limits().nanoCpus().ifPresent(host::withNanoCPUs);
    switch (spec.device()) {
      case CUDA -> host.withDeviceRequests(List.of(allNvidiaGpus()));
      case ROCM -> host.withDevices(sameInside("/dev/kfd"), sameInside("/dev/dri"));
      case CPU -> {}
    }
    return host;
  }

  private RestartPolicy restartPolicy() {
    try {
      return RestartPolicy.parse(spec.onEngine().restartPolicy());
    } catch (IllegalArgumentException e) {
      throw new HarpException(
          BAD_REQUEST,
          "restart_policy '"
              + spec.onEngine().restartPolicy()
              + "': expected no, always, unless-stopped or on-failure",
          e);
    }
  }

  private List<Mount> mounts() {
    var mounts = new ArrayList<Mount>();
    mounts.add(
        new Mount()
            .withType(MountType.VOLUME)
            .withSource(spec.name().volume())
            .withTarget(spec.name().dataFolder())
            .withReadOnly(false));
    for (var bind : spec.onEngine().mounts()) {
      mounts.add(
          new Mount()
              .withType(MountType.BIND)
              .withSource(bind.source())
              .withTarget(bind.target())
              .withReadOnly(bind.readOnly()));
    }
    return mounts;
  }

  private static DeviceRequest allNvidiaGpus() {
    return new DeviceRequest()
        .withDriver("nvidia")
        .withCount(-1)
        .withCapabilities(List.of(List.of("compute", "utility")));
  }

  private static Device sameInside(String path) {
    return new Device("rwm", path, path);
  }

  /** Engines know aliases in networks that somebody made, and refuse them anywhere else. */
  private static boolean takesAliases(String networkMode) {
    return !WITHOUT_ALIASES.contains(networkMode) && !networkMode.startsWith("container:");
  }

  /** docker-java logs every command with all its fields; this one's environment is secret. */
  private static final class SilentCreate extends CreateContainerCmdImpl {

    SilentCreate(Engine engine, String image) {
      super(engine.commands().createCreateContainerCmdExec(), null, image);
    }

    @Override
    public String toString() {
      return "create " + getName();
    }
  }
}
