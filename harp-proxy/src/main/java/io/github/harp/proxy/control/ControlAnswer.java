// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * The answer to an order.
 *
 * @param headers besides {@code content-length}
 */
public record ControlAnswer(int status, Map<String, String> headers, Buffer body) {

  /** 204. */
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
}
