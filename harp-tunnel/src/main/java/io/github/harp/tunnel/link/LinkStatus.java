// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

/**
 * A connection to another server.
 *
 * @param node its name
 * @param connected whether it is there
 * @param streams that it carries now
 * @param trouble why it was not there when it was wanted last; empty when it was
 */
public record LinkStatus(String node, boolean connected, int streams, String trouble) {}
