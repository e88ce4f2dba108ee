// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/**
 * The answer to an order.
 *
 * @param headers besides {@code content-length}, names in lower case
 * @param body for {@code HEAD} what {@code GET} would have: its length is sent, it is not
 */
public record ControlAnswer(int status, Map<String, String> headers, Buffer body) {

  public ControlAnswer {
    headers = Map.copyOf(headers);
  }

  public static ControlAnswer noContent() {
    return new ControlAnswer(204, Map.of(), Buffer.buffer());
  }

  public static ControlAnswer json(int status, JsonObject json) {
    return new ControlAnswer(
        status, Map.of("content-type", "application/json; charset=utf-8"), json.toBuffer());
  }

  public static ControlAnswer text(int status, String text) {
    return new ControlAnswer(
        status, Map.of("content-type", "text/plain; charset=utf-8"), Buffer.buffer(text));
  }

  /** The same with one more header. */
  public ControlAnswer with(String name, String value) {
    var more = new HashMap<>(headers);
    more.put(name, value);
    return new ControlAnswer(status, more, body);
  }
}
