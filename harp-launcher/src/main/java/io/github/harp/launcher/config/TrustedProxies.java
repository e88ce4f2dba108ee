// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads {@code HP_TRUSTED_PROXY_IPS}, which people fill in many ways: bad entries are left out. */
final class TrustedProxies {

  private static final int SHOWN = 5;

  private static final Pattern QUOTES =
      Pattern.compile("^['\"\u201c\u201d\u2018\u2019]+|['\"\u201c\u201d\u2018\u2019]+$");

  private TrustedProxies() {}

  static List<Network> read(Environment environment) {
    var variable = Variable.HP_TRUSTED_PROXY_IPS;
    var networks = new ArrayList<Network>();
    var invalid = new ArrayList<String>();
    var text = environment.text(variable);
    for (var item : text.split(",", -1)) {
      var entry = QUOTES.matcher(item.strip()).replaceAll("").strip();
      if (entry.isEmpty()) {
        continue;
      }
      try {
        networks.add(Network.parse(entry));
      } catch (IllegalArgumentException e) {
        invalid.add(Environment.quoted(entry));
      }
    }
    if (!invalid.isEmpty()) {
      var shown = String.join(", ", invalid.subList(0, Math.min(SHOWN, invalid.size())));
      environment.warn(
          variable,
          "ignored "
              + shown
              + (invalid.size() > SHOWN ? " and " + (invalid.size() - SHOWN) + " more" : "")
              + ", expected IP addresses or networks such as 10.0.0.0/8, with commas between them"
              + (networks.isEmpty() ? "; no proxy is trusted to name the client's address" : ""));
    }
    return List.copyOf(networks);
  }
}
