// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.notice.Finding;
import io.github.harp.operations.Check;
import io.github.harp.operations.Examination;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs checks one after another. Blocks; not for event loops. */
public final class Doctor {

  private static final Logger LOG = LoggerFactory.getLogger(Doctor.class);

  private final Map<String, Check> checks;

  /**
   * @param checks by what each examines, in a word or two; in the order to run them in
   */
  Doctor(Map<String, Check> checks) {
    this.checks = new LinkedHashMap<>(checks);
  }

  /** Hears what is examined next, and how many checks are done. */
  @FunctionalInterface
  public interface Listener {
    void at(int done, int all, String next);
  }

  /** Examines everything; a check that breaks is a finding of its own and ends no other. */
  public Examination examine(Listener listener) {
    var findings = new ArrayList<Finding>();
    var done = new AtomicInteger();
    checks.forEach(
        (name, check) -> {
          listener.at(done.getAndIncrement(), checks.size(), name);
          try {
            check.examine().forEach(finding -> findings.add(finding.about(name)));
          } catch (RuntimeException e) {
            LOG.debug("doctor: {} broke", name, e);
            findings.add(broken(e).about(name));
          }
        });
    return new Examination(findings);
  }

  private static Finding broken(RuntimeException failure) {
    return Finding.failure(
        "the check itself broke: " + failure,
        "nothing can be said about this part",
        "report it with the log at HP_LOG_LEVEL=debug");
  }
}
