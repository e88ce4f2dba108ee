// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.HarpException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which folders of an engine's host a container may see. Whoever mounts the host's root or the
 * engine's socket owns the host, so these and the folders that hold them need to be allowed by the
 * administrator. Links on the host cannot be seen from here. Immutable.
 */
public final class MountRules {

  private static final List<String> GUARDED =
      List.of(
          "/var/run/docker.sock",
          "/run/docker.sock",
          "/run/podman/podman.sock",
          "/var/run/podman/podman.sock",
          "/run/containerd/containerd.sock",
          "/var/lib/docker",
          "/var/lib/containers",
          "/proc/1");
  private static final Set<String> SOCKETS =
      Set.of("docker.sock", "podman.sock", "containerd.sock");

  private static final MountRules STANDARD = new MountRules(Set.of());

  private final Set<String> allowed;

  private MountRules(Set<String> allowed) {
    this.allowed = allowed;
  }

  /** Everything but what opens the host. */
  public static MountRules standard() {
    return STANDARD;
  }

  /** The same with some sources allowed, each exactly as named. */
  public MountRules allowing(Collection<String> sources) {
    var all = new HashSet<>(allowed);
    sources.forEach(source -> all.add(normalized("allowed mount", source)));
    return new MountRules(Set.copyOf(all));
  }

  /**
   * The mount with its paths normalised.
   *
   * @param where the mount's place in the order, for the message
   * @throws HarpException {@code BAD_REQUEST} when it must not be made
   */
  public Mount check(String where, Mount mount) {
    var source = normalized(where + ".source", mount.source());
    var target = normalized(where + ".target", mount.target());
    if (target.equals("/")) {
      throw refused(where + ".target", "'/': expected a folder below it");
    }
    if (!allowed.contains(source) && opensTheHost(source)) {
      throw refused(
          where + ".source",
          "'"
              + source
              + "' would give the engine's host to the container: expected another folder, or"
              + " this one among the mounts that the configuration allows");
    }
    return new Mount(source, target, mount.readOnly());
  }

  private static boolean opensTheHost(String source) {
    var name = source.substring(source.lastIndexOf('/') + 1);
    return source.equals("/")
        || SOCKETS.contains(name)
        || source.startsWith("/proc/")
        || GUARDED.stream()
            .anyMatch(guarded -> guarded.equals(source) || guarded.startsWith(source + "/"));
  }

  private static String normalized(String where, String path) {
    if (!path.startsWith("/")) {
      throw refused(where, "expected an absolute path");
    }
    if (path.chars().anyMatch(Character::isISOControl)) {
      throw refused(where, "expected a path without control characters");
    }
    var segments = Arrays.asList(path.split("/"));
    if (segments.contains("..")) {
      throw refused(where, "expected a path without '..'");
    }
    return segments.stream()
        .filter(segment -> !segment.isEmpty() && !segment.equals("."))
        .collect(Collectors.joining("/", "/", ""));
  }

  private static HarpException refused(String where, String what) {
    return new HarpException(HarpException.Code.BAD_REQUEST, where + ": " + what);
  }
}
