// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.doctor;

import io.github.harp.core.ExApp;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Whether each ExApp that is known answers its heartbeat, asked through our own front door as
 * AppAPI asks.
 */
final class ExAppsCheck implements Check {

  private static final String NAME = "exapps";
  private static final int MAX_ASKED = 50;

  private final HttpProbe probe;
  private final Supplier<Collection<ExApp>> known;
  private final String frontDoor;
  private final String key;

  /**
   * @param frontDoor where this HaRP listens, seen from here: {@code http://127.0.0.1:8780}
   * @param key the shared key, which signs the request
   */
  ExAppsCheck(HttpProbe probe, Supplier<Collection<ExApp>> known, String frontDoor, String key) {
    this.probe = probe;
    this.known = known;
    this.frontDoor = frontDoor;
    this.key = key;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Finding> examine() {
    var findings = new ArrayList<Finding>();
    known.get().stream().limit(MAX_ASKED).forEach(exApp -> findings.add(examine(exApp)));
    if (findings.isEmpty()) {
      findings.add(
          Finding.note(NAME, "none has been used since HaRP started", "nothing to examine"));
    }
    return findings;
  }

  private Finding examine(ExApp exApp) {
    var authorization =
        Base64.getEncoder()
            .encodeToString((":" + exApp.token().reveal()).getBytes(StandardCharsets.UTF_8));
    var result =
        probe.get(
            frontDoor + "/exapps/" + exApp.id() + "/heartbeat",
            Map.of(
                "harp-shared-key", key,
                "ex-app-id", exApp.id(),
                "ex-app-version", exApp.version(),
                "ex-app-host", exApp.host(),
                "ex-app-port", String.valueOf(exApp.port()),
                "authorization-app-api", authorization));
    var name = exApp.id() + " " + exApp.version() + " (" + exApp.host() + ":" + exApp.port() + ")";
    if (result instanceof HttpProbe.Answer answer) {
      return answer.status() == 200
          ? Finding.ok(NAME, name + " answers its heartbeat")
          : failing(name, answer.status());
    }
    return Finding.failure(
        NAME,
        name + ": " + ((HttpProbe.Silence) result).message(),
        "our own front door did not answer",
        "see the findings about ports");
  }

  private static Finding failing(String name, int status) {
    var remedy =
        status == 503
            ? "is its container running, and has it dialled in? See the findings about tunnels; a container without"
                + " HP_SHARED_KEY is reached directly and must share a network with HaRP"
            : "look at the container's log: docker logs nc_app_<id>";
    return Finding.failure(
        NAME, name + " answers its heartbeat with " + status, "users can't use it", remedy);
  }
}
