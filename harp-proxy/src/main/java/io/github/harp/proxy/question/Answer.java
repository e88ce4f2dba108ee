// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.question;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Objects;

/**
 * A whole answer.
 *
 * @param body empty without one
 */
public record Answer(int status, MultiMap headers, Buffer body) {

  /** The first header of that name; empty without one. */
  public String header(String name) {
    return Objects.requireNonNullElse(headers.get(name), "");
  }
}
