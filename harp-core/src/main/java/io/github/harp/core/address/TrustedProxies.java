// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.address;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The networks whose word about the client's address is taken.
 *
 * @param networks none: nobody is believed
 * @param warnings what was read differently from how it was written
 * @param errors what was ignored
 */
public record TrustedProxies(List<IpNetwork> networks, List<String> warnings, List<String> errors) {
  private static final String QUOTES = "'\"\u201C\u201D\u2018\u2019";

  public TrustedProxies {
    networks = List.copyOf(networks);
    warnings = List.copyOf(warnings);
    errors = List.copyOf(errors);
  }

  /** Nobody is believed. */
  public static TrustedProxies none() {
    return new TrustedProxies(List.of(), List.of(), List.of());
  }

  /**
   * Reads a comma-separated list with the leniencies of the original: quotes around an item are
   * dropped, host bits are cleared, what is not an address or network is ignored; each is reported.
   */
  public static TrustedProxies parse(String text) {
    var networks = new ArrayList<IpNetwork>();
    var warnings = new ArrayList<String>();
    var errors = new ArrayList<String>();
    for (var part : text.split(",", -1)) {
      var written = part.strip();
      var item = unquoted(written).strip();
      if (item.isEmpty()) {
        continue;
      }
      if (!item.equals(written)) {
        warnings.add("trusted proxy " + written + ": read as " + item + ", expected no quotes");
      }
      IpNetwork.parse(item)
          .ifPresentOrElse(
              network -> {
                networks.add(network);
                if (hasHostBits(item, network)) {
                  warnings.add(
                      "trusted proxy " + item + ": read as " + network + ", expected no host bits");
                }
              },
              () ->
                  errors.add(
                      "trusted proxy '"
                          + item
                          + "': ignored, expected an address or a network like 10.0.0.0/8"));
    }
    if (networks.isEmpty() && !errors.isEmpty()) {
      errors.add("trusted proxies: no valid entry, forwarded addresses are not believed");
    }
    return new TrustedProxies(networks, warnings, errors);
  }

  public boolean contains(InetAddress address) {
    for (var network : networks) {
      if (network.contains(address)) {
        return true;
      }
    }
    return false;
  }

  private static String unquoted(String text) {
    var start = 0;
    var end = text.length();
    while (start < end && QUOTES.indexOf(text.charAt(start)) >= 0) {
      start++;
    }
    while (end > start && QUOTES.indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean hasHostBits(String item, IpNetwork network) {
    var slash = item.indexOf('/');
    var address = IpAddresses.parse(slash < 0 ? item : item.substring(0, slash));
    return address != null && !address.equals(network.first());
  }
}
