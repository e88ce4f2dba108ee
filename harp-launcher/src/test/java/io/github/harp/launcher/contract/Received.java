// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A request as a server behind HaRP got it.
 *
 * @param head its lines, the request line first
 */
record Received(List<String> head, byte[] body) {

  String target() {
    return head.get(0).split(" ")[1];
  }

  String method() {
    return head.get(0).split(" ")[0];
  }

  List<String> header(String name) {
    return Headers.valuesOf(head, name);
  }

  String text() {
    return new String(body, StandardCharsets.ISO_8859_1);
  }
}
