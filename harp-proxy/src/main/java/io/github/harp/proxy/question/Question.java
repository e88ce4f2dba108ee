// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.question;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;

/**
 * One request without a body.
 *
 * @param tls whether the server is reached with TLS
 * @param host a name or an address; IPv6 without brackets
 * @param uri path and query, as they go over the wire
 */
public record Question(
    HttpMethod method, boolean tls, String host, int port, String uri, MultiMap headers) {}
