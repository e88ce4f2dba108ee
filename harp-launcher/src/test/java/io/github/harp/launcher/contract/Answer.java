// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An HTTP answer as it came over the wire.
 *
 * @param head its lines, the status line first
 * @param complete whether the body had the length that the head promised
 */
record Answer(List<String> head, byte[] body, boolean complete) {

  int status() {
    return Integer.parseInt(head.get(0).split(" ")[1]);
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** All values of a header in order. */
  List<String> header(String name) {
    return Headers.valuesOf(head, name);
  }

  @Override
  public String toString() {
    return String.join(" | ", head) + " | " + text();
  }
}
