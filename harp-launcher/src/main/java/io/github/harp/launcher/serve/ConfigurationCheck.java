// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.serve;

import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.Mistake;
import io.github.harp.operations.Check;
import io.github.harp.operations.Finding;
import java.util.ArrayList;
import java.util.List;

/** What the environment variables say. */
public final class ConfigurationCheck implements Check {

  private static final String NAME = "configuration";

  private final List<Mistake> mistakes;
  private final List<String> alarms;
  private final List<String> warnings;

  private ConfigurationCheck(List<Mistake> mistakes, List<String> alarms, List<String> warnings) {
    this.mistakes = mistakes;
    this.alarms = alarms;
    this.warnings = warnings;
  }

  public static ConfigurationCheck of(Configuration configuration) {
    return new ConfigurationCheck(List.of(), configuration.alarms(), configuration.warnings());
  }

  /** A configuration that nothing can be started with. */
  public static ConfigurationCheck broken(List<Mistake> mistakes) {
    return new ConfigurationCheck(mistakes, List.of(), List.of());
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Finding> examine() {
    var findings = new ArrayList<Finding>();
    for (var mistake : mistakes) {
      findings.add(
          Finding.failure(
              NAME,
              mistake.variable() + ": found " + mistake.found(),
              "HaRP does not start",
              "set " + mistake.variable() + " to " + mistake.expected()));
    }
    for (var alarm : alarms) {
      findings.add(
          Finding.failure(
              NAME,
              alarm,
              "whoever finds it out gives orders here: containers with whatever the engines allow,"
                  + " and requests to every ExApp in any user's name",
              "make a key with 'openssl rand -hex 32', set it here and as the HaRP password of the"
                  + " deploy daemon in Nextcloud, then redeploy or update the ExApps"));
    }
    for (var warning : warnings) {
      findings.add(
          Finding.warning(
              NAME,
              warning,
              "HaRP starts, perhaps not as intended",
              "correct or remove it where HaRP's environment is set (compose file, docker run,"
                  + " /etc/harp/harp.env)"));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok(NAME, "all variables are understood"));
    }
    return findings;
  }
}
