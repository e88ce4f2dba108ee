// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The configurations in {@code docs/reverse-proxies.md}, as they are written there, for a gateway
 * on loopback.
 *
 * @param gatewayPort what stands for {@code harp:8780}
 * @param inFolder whether Nextcloud is {@code /nextcloud}
 */
record Examples(int gatewayPort, boolean inFolder) {

  private static final String FOLDER = "/nextcloud/exapps/";

  private static final String TUNNELS = "/~!frp";

  /** The only block in this language that is a rule for ExApps. */
  String rule(String language) {
    return blocks(language).stream()
        .filter(block -> block.contains("/exapps/") && block.contains(FOLDER) == inFolder)
        .reduce(
            (one, other) -> {
              throw new IllegalStateException("two rules for " + language);
            })
        .orElseThrow();
  }

  /** The only block in this language that stands beside the rule. */
  String beside(String language) {
    return blocks(language).stream()
        .filter(block -> !block.contains("/exapps/") && !block.contains(TUNNELS))
        .findAny()
        .get();
  }

  /** The only block in this language that lets tunnels in. */
  String tunnels(String language) {
    return blocks(language).stream()
        .filter(block -> block.contains(TUNNELS) && !block.contains("/exapps/"))
        .findAny()
        .get();
  }

  private List<String> blocks(String language) {
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
