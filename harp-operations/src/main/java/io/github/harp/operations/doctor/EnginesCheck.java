// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.Engines;
import io.github.harp.core.ExAppRuntimes;
import io.github.harp.core.HarpException;
import io.github.harp.core.Place;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.runtime.EngineFacts;
import io.github.harp.core.runtime.EngineNetworks;
import io.github.harp.core.runtime.MountRules;
import io.github.harp.operations.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Whether each engine answers, how old it is, whether a local one has room for images, and whether
 * ExApps are in networks that they can use.
 */
final class EnginesCheck implements Check {

  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final String OLDEST_API = "1.41";
  private static final String APP_API_ASKS_FOR = "1.44";
  private static final long ENOUGH_BYTES = 5L * 1024 * 1024 * 1024;

  private final Engines engines;
  private final ExAppRuntimes runtimes;
  private final Map<EngineNumber, String> configured;
  private final Optional<String> ownContainer;
  private final MountRules mounts;

  /**
   * @param configured engines that need no tunnel, whether or not they are there
   * @param ownContainer the id of the container that HaRP runs in
   * @param mounts which folders of the engines' hosts ExApps may see
   */
  EnginesCheck(
      Engines engines,
      ExAppRuntimes runtimes,
      Map<EngineNumber, String> configured,
      Optional<String> ownContainer,
      MountRules mounts) {
    this.engines = engines;
    this.runtimes = runtimes;
    this.configured = Map.copyOf(configured);
    this.ownContainer = ownContainer;
    this.mounts = mounts;
  }

  @Override
  public Stream<Finding> examine() {
    var findings = new ArrayList<Finding>();
    var present = engines.numbers();
    var answered = new LinkedHashMap<String, EngineFacts>();
    for (var number : present) {
      findings.addAll(examine(number, answered));
    }
    configured.forEach(
        (number, address) -> {
          if (!present.contains(number)) {
            findings.add(isNotThere(number, address));
          }
        });
    if (findings.isEmpty()) {
      findings.add(
          Finding.note(
              "none is known",
              "ExApps can't be deployed from Nextcloud; mount /var/run/docker.sock, set"
                  + " HP_DOCKER_ENGINES, or let a remote engine dial in (harp certs export)"));
    }
    new MountsInUse(answered, mounts).judge().forEach(it -> findings.add(it.about("mounts")));
    return findings.stream();
  }

  private List<Finding> examine(EngineNumber number, Map<String, EngineFacts> answered) {
    var where =
        "engine " + number + " (" + engines.find(number).map(Object::toString).orElse("gone") + ")";
    try {
      var facts =
          runtimes
              .at(Place.engine(number))
              .describe()
              .toCompletionStage()
              .toCompletableFuture()
              .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      answered.put(where, facts);
      return judge(where, facts);
    } catch (ExecutionException e) {
      return List.of(doesNotAnswer(where, Objects.toString(e.getCause(), e.toString())));
    } catch (HarpException e) {
      return List.of(doesNotAnswer(where, String.valueOf(e.getMessage())));
    } catch (TimeoutException e) {
      return List.of(doesNotAnswer(where, "no answer within " + PATIENCE.toSeconds() + " s"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(doesNotAnswer(where, "interrupted"));
    }
  }

  private static Finding isNotThere(EngineNumber number, String address) {
    return Finding.failure(
        "engine " + number + " (" + address + ") is not there: its socket does not exist",
        "ExApps can't be deployed there; after a reboot HaRP may simply have come up first",
        "systemctl enable --now docker on the host; HaRP finds the socket by itself once it exists."
            + " In a container mount its folder, not a socket file that did not exist yet (Docker"
            + " makes a folder of that)");
  }

  private static Finding doesNotAnswer(String where, String why) {
    return Finding.failure(
        where + " does not answer: " + why,
        "ExApps can't be deployed, started or stopped there",
        "systemctl status docker on that host; HaRP finds it by itself once it runs. For a socket:"
            + " mount it into the container and let HaRP's user read it; for a tunnel: see the"
            + " findings about tunnels");
  }

  private List<Finding> judge(String where, EngineFacts facts) {
    var findings = new ArrayList<Finding>();
    var seen =
        where
            + " is "
            + facts.product()
            + " "
            + facts.version()
            + ", API "
            + facts.apiVersion()
            + ", on "
            + facts.operatingSystem();
    if (isPodman(facts)) {
      // It answers any version that is asked for.
      findings.add(Finding.ok(seen));
      cudaWithoutDevices(where, facts).ifPresent(findings::add);
    } else if (isOlder(facts.apiVersion(), OLDEST_API)) {
      findings.add(
          Finding.failure(
              seen,
              "too old: orders may fail",
              "update the engine to API " + OLDEST_API + " or newer"));
    } else if (isOlder(facts.apiVersion(), APP_API_ASKS_FOR)) {
      findings.add(
          Finding.warning(
              seen,
              "AppAPI asks for API "
                  + APP_API_ASKS_FOR
                  + " by default: its connection check and image pulls are refused",
              "update the engine, or occ config:app:set app_api docker_api_version --value=v"
                  + facts.apiVersion()));
    } else if (isOlder(APP_API_ASKS_FOR, facts.minApiVersion())) {
      findings.add(
          Finding.warning(
              seen + ", none before " + facts.minApiVersion(),
              "AppAPI asks for API "
                  + APP_API_ASKS_FOR
                  + " by default: its connection check and image pulls are refused",
              "occ config:app:set app_api docker_api_version --value=v" + facts.minApiVersion()));
    } else {
      findings.add(Finding.ok(seen));
    }
    freeSpace(where, facts).ifPresent(findings::add);
    NetworkRules.of(where, facts.networks(), ownContainer)
        .judge()
        .forEach(it -> findings.add(it.about("networks")));
    return findings;
  }

  private static boolean isPodman(EngineFacts facts) {
    return facts.product().equals("Podman");
  }

  private static Optional<Finding> cudaWithoutDevices(String where, EngineFacts facts) {
    var without =
        facts.networks().containers().stream()
            .filter(it -> it.hostAccess().wantsCuda() && it.hostAccess().devices().isEmpty())
            .map(EngineNetworks.Container::name)
            .sorted()
            .toList();
    return without.isEmpty()
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
  private static Optional<Finding> freeSpace(String where, EngineFacts facts) {
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
