// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.notice.Finding;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.core.runtime.spec.MountRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which folders of their hosts the containers of ExApps see, and whether they could be made again:
 * those that were made before, or by the original HaRP, may see what is not allowed now.
 *
 * @param places what each says, by where it is
 * @param names how those containers are called that are judged: others are another Nextcloud's
 * @param rules which folders they may see
 */
record MountsInUse(Map<String, PlaceReport> places, String names, MountRules rules) {

  List<Finding> judge() {
    var findings = new ArrayList<Finding>();
    var notAllowed = new TreeSet<String>();
    var seen = new ArrayList<String>();
    var allowed = new ArrayList<String>();
    places.forEach(
        (where, report) -> {
          report
              .storage()
              .filter(rules::allows)
              .map(it -> opened(where, it))
              .ifPresent(findings::add);
          new TreeMap<>(report.folders())
              .forEach(
                  (container, folders) -> {
                    if (!container.startsWith(names)) {
                      return;
                    }
                    var missing = new TreeSet<>(folders);
                    missing.removeIf(rules::allows);
                    notAllowed.addAll(missing);
                    (missing.isEmpty() ? allowed : seen)
                        .add(
                            container
                                + " on "
                                + where
                                + ": "
                                + String.join(", ", new TreeSet<>(folders)));
                  });
        });
    if (!notAllowed.isEmpty()) {
      findings.add(
          Finding.warning(
              "folders of the host that %s are in use: %s"
                  .formatted(rules.line() + " does not allow", String.join("; ", seen)),
              "these ExApps go on running, but the next update or deployment removes the container"
                  + " and is then refused with 400",
              "if ExApps are to see these, start HaRP with " + rules.lineAllowing(notAllowed)));
    } else if (!allowed.isEmpty()) {
      findings.add(Finding.ok("folders of the host in use: " + String.join("; ", allowed)));
    }
    return findings;
  }

  /** It may be anywhere, so only its place can say that an allowed folder holds it. */
  private Finding opened(String where, String storage) {
    return Finding.warning(
        "%s allows %s, where %s has its images and volumes".formatted(rules.line(), storage, where),
        "an ExApp that mounts it reads and changes every other container of that engine",
        "name smaller folders in " + rules.setting());
  }
}
