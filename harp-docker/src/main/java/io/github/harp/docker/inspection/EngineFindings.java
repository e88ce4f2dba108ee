// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

import io.github.harp.core.notice.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether an engine is new enough, and has what ExApps need: room for images, and GPUs where they
 * were deployed for them.
 *
 * @param where the engine
 */
record EngineFindings(String where, EngineFacts facts) {

  private static final String OLDEST_API = "1.41";
  private static final String APP_API_ASKS_FOR = "1.44";
  private static final long ENOUGH_BYTES = 5L * 1024 * 1024 * 1024;

  Stream<Finding> findings() {
    return Stream.of(Optional.of(age()), cudaWithoutDevices(), freeSpace())
        .flatMap(Optional::stream);
  }

  private Finding age() {
    var seen = where + " is " + facts;
    var refused =
        "AppAPI asks for API "
            + APP_API_ASKS_FOR
            + " by default: its connection check and image pulls are refused";
    var lower = "occ config:app:set app_api docker_api_version --value=v";
    if (facts.isPodman()) {
      // It answers any version that is asked for.
      return Finding.ok(seen);
    } else if (isOlder(facts.apiVersion(), OLDEST_API)) {
      return Finding.failure(
          seen, "too old: orders may fail", "update the engine to API " + OLDEST_API + " or newer");
    } else if (isOlder(facts.apiVersion(), APP_API_ASKS_FOR)) {
      return Finding.warning(seen, refused, "update the engine, or " + lower + facts.apiVersion());
    } else if (isOlder(APP_API_ASKS_FOR, facts.minApiVersion())) {
      return Finding.warning(
          seen + ", none before " + facts.minApiVersion(), refused, lower + facts.minApiVersion());
    }
    return Finding.ok(seen);
  }

  private Optional<Finding> cudaWithoutDevices() {
    var without =
        facts.networks().containers().stream()
            .filter(it -> it.hostAccess().wantsCuda() && it.hostAccess().devices().isEmpty())
            .map(EngineNetworks.Container::name)
            .sorted()
            .toList();
    return without.isEmpty() || !facts.isPodman()
        ? Optional.empty()
        : Optional.of(
            Finding.warning(
                "%s on %s: deployed for cuda, and given no device"
                    .formatted(String.join(", ", without), where),
                "Podman leaves out GPUs that are asked for in Docker's way, without a word: unless"
                    + " its own configuration adds them, the ExApp computes without a GPU",
                "on that host nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml, and devices ="
                    + " [\"nvidia.com/gpu=all\"] below [containers] in containers.conf; then deploy"
                    + " the ExApp again"));
  }

  /** Known only when the engine's folder is on this host. */
  private Optional<Finding> freeSpace() {
    if (facts.rootFolder().isEmpty() || !Files.isDirectory(Path.of(facts.rootFolder()))) {
      return Optional.empty();
    }
    try {
      var free = Files.getFileStore(Path.of(facts.rootFolder())).getUsableSpace();
      return free >= ENOUGH_BYTES
          ? Optional.empty()
          : Optional.of(
              Finding.warning(
                  "%s has %d MiB free in %s".formatted(where, free >> 20, facts.rootFolder()),
                  "pulling an ExApp's image will fail",
                  "docker system prune, or a larger disk"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean isOlder(String version, String than) {
    try {
      var ours = version.split("\\.", 2);
      var theirs = than.split("\\.", 2);
      int major = Integer.compare(Integer.parseInt(ours[0]), Integer.parseInt(theirs[0]));
      return major < 0 || (major == 0 && Integer.parseInt(ours[1]) < Integer.parseInt(theirs[1]));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return false;
    }
  }
}
