// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import io.github.harp.core.HarpException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which folders of an engine's host a container may see: those that are allowed and what is in
 * them, and nothing else.
 *
 * <p>What opens the engine itself to whoever sees it, its sockets, its data and {@code /proc}, is
 * not allowed by a folder above it: it has to be named, and so has a folder that holds it. Links on
 * the host cannot be seen from here. Immutable.
 */
public final class MountRules {

  private static final List<HostPath> GUARDED =
      Stream.of(
              "/run/docker.sock",
              "/run/podman/podman.sock",
              "/run/containerd",
              "/var/lib/docker",
              "/var/lib/containers",
              "/var/lib/containerd",
              "/proc")
          .map(HostPath::of)
          .toList();
  private static final Set<String> SOCKETS =
      Set.of("docker.sock", "podman.sock", "containerd.sock");
  private static final MountRules NONE = new MountRules("HP_ALLOWED_MOUNTS", List.of(), GUARDED);

  private final String setting;
  private final List<HostPath> allowed;
  private final List<HostPath> guarded;

  private MountRules(String setting, List<HostPath> allowed, List<HostPath> guarded) {
    this.setting = setting;
    this.allowed = allowed;
    this.guarded = guarded;
  }

  /** Nothing of the host. */
  public static MountRules none() {
    return NONE;
  }

  /** The same, said elsewhere: messages name that setting. */
  public MountRules saidIn(String where) {
    return new MountRules(where, allowed, guarded);
  }

  /**
   * The same with some folders more allowed.
   *
   * @throws IllegalArgumentException when one is no absolute path, saying what is expected
   */
  public MountRules allowing(Collection<String> folders) {
    return new MountRules(setting, joined(allowed, folders), guarded);
  }

  /**
   * The same with more that opens the engine, such as the socket that it listens on.
   *
   * @throws IllegalArgumentException when one is no absolute path, saying what is expected
   */
  public MountRules guarding(Collection<String> places) {
    return new MountRules(setting, allowed, joined(guarded, places));
  }

  private static List<HostPath> joined(List<HostPath> known, Collection<String> more) {
    return Stream.concat(known.stream(), more.stream().map(HostPath::of)).distinct().toList();
  }

  /**
   * The mount with its paths normalised.
   *
   * @param where the mount's place in the order, for the message
   * @throws HarpException {@code BAD_REQUEST} when it must not be made, with the line that would
   *     allow it
   */
  public Mount check(String where, Mount mount) {
    var source = parsed(where + ".source", mount.source());
    var target = parsed(where + ".target", mount.target());
    if (target.text().equals("/")) {
      throw refused(where + ".target", "'/': expected a folder below it");
    }
    if (!allows(source)) {
      throw refused(
          where + ".source",
          "'%s' of the engine's host is not allowed: %s. To allow it, start HaRP with %s"
              .formatted(source, reason(source), lineAllowing(List.of(source.text()))));
    }
    return new Mount(source.text(), target.text(), mount.readOnly());
  }

  private String reason(HostPath source) {
    return allowed.stream().anyMatch(folder -> folder.isAtOrAbove(source))
        ? "it opens the engine, so a folder above it is not enough, expected itself in " + line()
        : "expected a folder at or below one of " + line();
  }

  /** Whether a container may see this place, which is no path of ours where it is malformed. */
  public boolean allows(String source) {
    try {
      return allows(HostPath.of(source));
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  private boolean allows(HostPath source) {
    return allowed.stream()
        .anyMatch(
            folder ->
                folder.equals(source) || folder.isAtOrAbove(source) && !reaches(folder, source));
  }

  /**
   * Whether a folder is larger than something guarded that a mount would show, whole or in part.
   */
  private boolean reaches(HostPath folder, HostPath source) {
    return opening(source)
        .anyMatch(
            place ->
                (place.mayBeAtOrAbove(source) || source.mayBeAtOrAbove(place))
                    && !place.mayBeAtOrAbove(folder));
  }

  private Stream<HostPath> opening(HostPath source) {
    return SOCKETS.contains(source.name())
        ? Stream.concat(guarded.stream(), Stream.of(source))
        : guarded.stream();
  }

  /** Where it is said what is allowed. */
  public String setting() {
    return setting;
  }

  /** The setting as it is, for an administrator. */
  public String line() {
    return setting + "=" + allowed.stream().map(HostPath::text).collect(Collectors.joining(","));
  }

  /** The setting that allows some places more, for an administrator to write down. */
  public String lineAllowing(Collection<String> sources) {
    var rules = this;
    for (var source : sources.stream().sorted().toList()) {
      if (!rules.allows(source)) {
        rules = rules.allowing(nameable(source));
      }
    }
    return rules.line();
  }

  /** A name with a comma cannot stand in a list with commas; a folder above it can. */
  private static List<String> nameable(String source) {
    int comma = source.indexOf(',');
    if (comma < 0) {
      return List.of(source);
    }
    int end = source.lastIndexOf('/', comma);
    return end > 0 ? List.of(source.substring(0, end)) : List.of();
  }

  /**
   * What the allowed folders give away of the engine: to whom it is shown, the host belongs.
   *
   * @return a guarded place by the allowed folder that holds it
   */
  public Collection<Opening> openings() {
    return Stream.concat(allowed.stream(), guarded.stream())
        .distinct()
        .flatMap(
            place ->
                allowed.stream()
                    .filter(folder -> opens(folder, place))
                    .map(folder -> new Opening(folder.text(), place.text())))
        .collect(
            Collectors.toMap(
                Opening::folder, Function.identity(), (first, next) -> first, TreeMap::new))
        .values();
  }

  private boolean opens(HostPath folder, HostPath place) {
    var isOpening = guarded.contains(place) || SOCKETS.contains(place.name());
    return isOpening && (folder.mayBeAtOrAbove(place) || place.mayBeAtOrAbove(folder));
  }

  /**
   * A folder that is allowed although it opens the engine.
   *
   * @param place what opens it
   */
  public record Opening(String folder, String place) {}

  private static HostPath parsed(String where, String path) {
    try {
      return HostPath.of(path);
    } catch (IllegalArgumentException malformed) {
      throw refused(where, String.valueOf(malformed.getMessage()));
    }
  }

  private static HarpException refused(String where, String what) {
    return new HarpException(HarpException.Code.BAD_REQUEST, where + ": " + what);
  }
}
