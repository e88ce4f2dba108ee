// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.operations.Check;
import io.github.harp.operations.Examination;
import io.github.harp.operations.Finding;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs checks one after another. Blocks; not for event loops. */
public final class Doctor {

  private static final Logger LOG = LoggerFactory.getLogger(Doctor.class);

  private final List<Check> checks;

  Doctor(List<Check> checks) {
    this.checks = List.copyOf(checks);
  }

  /** Examines everything; a check that breaks is a finding of its own and ends no other. */
  public Examination examine() {
    var findings = new ArrayList<Finding>();
    for (var check : checks) {
      findings.addAll(examine(check));
    }
    return new Examination(findings);
  }

  private static List<Finding> examine(Check check) {
    try {
      return check.examine();
    } catch (RuntimeException e) {
      LOG.debug("doctor: {} broke", check.name(), e);
      return List.of(
          Finding.failure(
              check.name(),
              "the check itself broke: " + e,
              "nothing can be said about this part",
              "report it with the log at HP_LOG_LEVEL=debug"));
    }
  }
}
