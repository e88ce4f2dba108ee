// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.github.harp.core.RequestHead;
import io.github.harp.core.instance.Instance;
import io.vertx.core.buffer.Buffer;

/**
 * An order whose caller has shown the shared key.
 *
 * @param instance whose AppAPI it is from
 * @param path the path after {@code /exapps/app_api}, raw
 * @param head the request's method and headers, detached from the connection
 * @param body the whole body
 */
public record ControlRequest(Instance instance, String path, RequestHead head, Buffer body) {}
