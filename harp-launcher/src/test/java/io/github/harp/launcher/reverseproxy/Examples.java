// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The configurations in {@code docs/reverse-proxies.md}, as they are written there. */
final class Examples {

  private Examples() {}

  /**
   * All blocks in this language, in their order, for a gateway on loopback.
   *
   * @param gatewayPort what stands for {@code harp:8780}
   */
  static List<String> in(String language, int gatewayPort) {
    var root = Path.of(System.getProperty("harp.root", ".."));
    try {
      return Pattern.compile("(?s)```" + language + "\n(.*?)```")
          .matcher(Files.readString(root.resolve("docs/reverse-proxies.md")))
          .results()
          .map(block -> block.group(1).replace("harp:8780", "127.0.0.1:" + gatewayPort))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
