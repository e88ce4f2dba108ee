// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.netty.resolver.HostsFileEntriesProvider;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

record HostsFile(HostsFileEntriesProvider entries) {

  static HostsFile parse(String text) {
    try {
      return new HostsFile(HostsFileEntriesProvider.parser().parse(new StringReader(text)));
    } catch (IOException neverOfAString) {
      throw new UncheckedIOException(neverOfAString);
    }
  }

  /**
   * IPv4 before IPv6, each in the order of the file; empty when the file does not have the name.
   */
  List<InetAddress> addressesOf(String name) {
    var key = name.toLowerCase(Locale.ROOT);
    return Stream.of(entries.ipv4Entries(), entries.ipv6Entries())
        .flatMap(family -> family.getOrDefault(key, List.of()).stream())
        .toList();
  }
}
