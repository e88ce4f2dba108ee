// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

/**
 * A request that is refused before anything is decided about it; nothing after it on the connection
 * can be trusted.
 *
 * @param status 400, 414 or 431
 * @param reason what was found, for the log; holds nothing of the request
 */
record MalformedRequest(int status, String reason) {

  MalformedRequest(String reason) {
    this(400, reason);
  }
}
