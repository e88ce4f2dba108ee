// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.operations.Check;
import io.github.harp.operations.GatewayView;
import io.github.harp.proxy.upstream.LocalEngine;
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
import java.util.function.Function;
import java.util.stream.Stream;

/** Whether each place where ExApps of a Nextcloud run answers, and what it has to say. */
record EnginesCheck(GatewayView.Served nextcloud) implements Check {

  private static final Duration PATIENCE = Duration.ofSeconds(15);

  @Override
  public Stream<Finding> examine() {
    var findings = new ArrayList<Finding>();
    var present = nextcloud.engines().numbers();
    var reports = new LinkedHashMap<String, PlaceReport>();
    present.forEach(number -> findings.addAll(examine(number, reports)));
    nextcloud
        .facts()
        .engines()
        .forEach(
            (number, address) -> {
              if (!present.contains(number)) {
                findings.add(isNotThere(number, address));
              }
            });
    var cluster = cluster();
    if (findings.isEmpty() && cluster.isEmpty() && nextcloud.facts().name().isFirst()) {
      findings.add(
          Finding.note(
              "none is known",
              "ExApps can't be deployed from Nextcloud; mount /var/run/docker.sock, set"
                  + " HP_DOCKER_ENGINES, or let a remote engine dial in (harp certs export)"));
    }
    cluster.ifPresent(
        runtime ->
            examine(runtime, "cluster", EnginesCheck::silentCluster, reports)
                .forEach(it -> findings.add(it.about("cluster"))));
    new MountsInUse(reports, nextcloud.instance().containers(), nextcloud.facts().mounts())
        .judge()
        .forEach(it -> findings.add(it.about("mounts")));
    return findings.stream();
  }

  private Optional<ExAppRuntime> cluster() {
    try {
      return Optional.of(nextcloud.runtimes().at(Place.CLUSTER));
    } catch (HarpException notSetUp) {
      return Optional.empty();
    }
  }

  private List<Finding> examine(EngineNumber number, Map<String, PlaceReport> reports) {
    var where =
        "engine "
            + number
            + " ("
            + nextcloud.engines().find(number).map(Object::toString).orElse("gone")
            + ")";
    try {
      return examine(
          nextcloud.runtimes().at(Place.engine(number)),
          where,
          why -> silentEngine(where, why),
          reports);
    } catch (HarpException e) {
      return List.of(silentEngine(where, String.valueOf(e.getMessage())));
    }
  }

  private static List<Finding> examine(
      ExAppRuntime runtime,
      String where,
      Function<String, Finding> silence,
      Map<String, PlaceReport> reports) {
    try {
      var report =
          runtime
              .describe()
              .toCompletionStage()
              .toCompletableFuture()
              .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      reports.put(where, report);
      return report.findings();
    } catch (ExecutionException e) {
      var cause = Objects.requireNonNullElse(e.getCause(), e);
      return List.of(
          silence.apply(
              cause instanceof HarpException
                  ? String.valueOf(cause.getMessage())
                  : cause.toString()));
    } catch (TimeoutException e) {
      return List.of(silence.apply("no answer within " + PATIENCE.toSeconds() + " s"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(silence.apply("interrupted"));
    }
  }

  private static Finding isNotThere(EngineNumber number, LocalEngine address) {
    return Finding.failure(
        "engine " + number + " (" + address + ") is not there: its socket does not exist",
        "ExApps can't be deployed there; after a reboot HaRP may simply have come up first",
        "systemctl enable --now docker on the host; HaRP finds the socket by itself once it exists."
            + " In a container mount its folder, not a socket file that did not exist yet (Docker"
            + " makes a folder of that)");
  }

  private static Finding silentEngine(String where, String why) {
    return Finding.failure(
        where + " does not answer: " + why,
        "ExApps can't be deployed, started or stopped there",
        why.contains("Permission denied")
            ? "usermod -aG docker harp && systemctl restart harp, if HaRP runs as user harp and the"
                + " socket is the group docker's; for a container --group-add with that group's"
                + " number"
            : "systemctl status docker on that host; HaRP finds it by itself once it runs. For a"
                + " socket: mount it into the container and let HaRP's user read it; for a"
                + " tunnel: see the findings about tunnels");
  }

  private static Finding silentCluster(String why) {
    return Finding.failure(
        "the cluster does not answer: " + why,
        "ExApps can't be deployed, started or stopped there",
        "see whether HP_K8S_API_SERVER is reached from here, and the token and HP_K8S_CA_FILE are"
            + " the cluster's");
  }
}
