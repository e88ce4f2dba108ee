// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.doctor;

import io.github.harp.core.ban.BanList;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Who is locked out, and for what. */
final class BansCheck implements Check {

  private static final String NAME = "bans";

  private final List<BanList> lists;

  BansCheck(List<BanList> lists) {
    this.lists = List.copyOf(lists);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Finding> examine() {
    var findings = new ArrayList<Finding>();
    for (var list : lists) {
      list.entries().stream()
          .filter(BanList.Entry::banned)
          .forEach(entry -> findings.add(describe(list, entry)));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok(NAME, "nobody is banned"));
    }
    return findings;
  }

  private static Finding describe(BanList list, BanList.Entry entry) {
    var reasons =
        entry.events().stream()
            .collect(Collectors.groupingBy(BanList.Event::reason, Collectors.counting()));
    return Finding.warning(
        NAME,
        list.name() + ": " + entry.network().getHostAddress() + " is banned for " + reasons,
        "requests from there are dropped unless they show the shared key; it ends by itself",
        "if it is a proxy in front: trust it with HP_TRUSTED_PROXY_IPS="
            + entry.network().getHostAddress()
            + "; to end it now: harp bans clear "
            + entry.network().getHostAddress());
  }
}
