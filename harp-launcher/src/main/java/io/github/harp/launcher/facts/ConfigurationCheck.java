// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.facts;

import io.github.harp.core.notice.Finding;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.environment.ConfigurationException.Mistake;
import io.github.harp.operations.Check;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the environment variables say.
 *
 * @param mistakes with one of which nothing can be started
 */
public record ConfigurationCheck(List<Mistake> mistakes, List<String> alarms, List<String> warnings)
    implements Check {

  public static ConfigurationCheck of(Configuration configuration) {
    var remarks = configuration.remarks();
    return new ConfigurationCheck(List.of(), remarks.alarms(), remarks.warnings());
  }

  /** A configuration that nothing can be started with. */
  public static ConfigurationCheck broken(List<Mistake> mistakes) {
    return new ConfigurationCheck(mistakes, List.of(), List.of());
  }

  @Override
  public Stream<Finding> examine() {
    return mistakes.isEmpty() && alarms.isEmpty() && warnings.isEmpty()
        ? Stream.of(Finding.ok("all variables are understood"))
        : Stream.of(
                mistakes.stream().map(ConfigurationCheck::mistake),
                alarms.stream().map(ConfigurationCheck::alarm),
                warnings.stream().map(ConfigurationCheck::warning))
            .flatMap(findings -> findings);
  }

  private static Finding mistake(Mistake mistake) {
    return Finding.failure(
        mistake.variable() + ": found " + mistake.found(),
        "HaRP does not start",
        "set " + mistake.variable() + " to " + mistake.expected());
  }

  private static Finding alarm(String alarm) {
    return Finding.failure(
        alarm,
        "whoever finds it out gives orders here: containers with whatever the engines allow, and"
            + " requests to every ExApp in any user's name",
        "make a key with 'openssl rand -hex 32', set it here and as the HaRP password of the deploy"
            + " daemon in Nextcloud, then redeploy or update the ExApps");
  }

  private static Finding warning(String warning) {
    return Finding.warning(
        warning,
        "HaRP starts, perhaps not as intended",
        "correct or remove it where HaRP's environment is set (compose file, docker run,"
            + " /etc/harp/harp.env)");
  }
}
