// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.notice.Finding;
import io.github.harp.operations.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who is locked out, and for what. */
record BansCheck(List<Failures> lists) implements Check {

  private static final String SAME_KEY =
      "set the same key at both ends: HP_SHARED_KEY here, 'HaRP shared key' of the deploy daemon in"
          + " Nextcloud's AppAPI settings; the log shows the fingerprints of both";

  @Override
  public Stream<Finding> examine() {
    var findings = new ArrayList<Finding>();
    for (var list : lists) {
      for (var entry : list.entries()) {
        if (entry.banned()) {
          findings.add(describe(list, entry));
        } else if (list.name().equals(Bans.ORDERS)) {
          findings.add(wrongKey(entry));
        }
      }
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok("nobody is banned"));
    }
    return findings.stream();
  }

  private static Finding describe(Failures list, Failures.Entry entry) {
    var address = IpAddresses.text(entry.network());
    var clear = "; to end it now: harp bans clear " + address;
    var seen = list.name() + ": " + address + " is banned for " + reasons(entry);
    var trust = "if it is a proxy in front: trust it with HP_TRUSTED_PROXY_IPS=" + address + clear;
    return switch (list.name()) {
      case Bans.ORDERS ->
          Finding.failure(
              seen,
              "somebody gives orders with a wrong key; if that is Nextcloud's address, no ExApp can"
                  + " be registered, deployed or removed",
              SAME_KEY + clear);
      case Bans.SITES ->
          Finding.warning(
              seen,
              "other websites make a browser there try credentials at an ExApp; what they send to"
                  + " routes that count such answers is refused, everything else is not",
              trust);
      default ->
          Finding.warning(
              seen,
              "requests from there are dropped unless they show the shared key; it ends by itself",
              trust);
    };
  }

  /** Long before somebody is banned. */
  private static Finding wrongKey(Failures.Entry entry) {
    return Finding.warning(
        Bans.ORDERS
            + ": "
            + IpAddresses.text(entry.network())
            + " showed a wrong key lately: "
            + reasons(entry),
        "if that is Nextcloud's address, its orders are refused with 401; otherwise somebody tries"
            + " keys",
        SAME_KEY);
  }

  private static Map<String, Long> reasons(Failures.Entry entry) {
    return entry.failures().stream()
        .collect(
            Collectors.groupingBy(Failures.Failure::reason, TreeMap::new, Collectors.counting()));
  }
}
