// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.doctor;

import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.Mistake;
import java.util.ArrayList;
import java.util.List;

/** What the environment variables say. */
final class ConfigurationCheck implements Check {

  private static final String NAME = "configuration";

  private final List<Mistake> mistakes;
  private final List<String> warnings;

  private ConfigurationCheck(List<Mistake> mistakes, List<String> warnings) {
    this.mistakes = mistakes;
    this.warnings = warnings;
  }

  static ConfigurationCheck of(Configuration configuration) {
    return new ConfigurationCheck(List.of(), configuration.warnings());
  }

  /** A configuration that nothing can be started with. */
  static ConfigurationCheck broken(List<Mistake> mistakes) {
    return new ConfigurationCheck(mistakes, List.of());
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
    for (var warning : warnings) {
      findings.add(
          Finding.warning(
              NAME,
              warning,
              "HaRP starts, perhaps not as intended",
              "correct or remove it where HaRP's environment is set (compose file, docker run, /etc/harp/harp.env)"));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok(NAME, "all variables are understood"));
    }
    return findings;
  }
}
