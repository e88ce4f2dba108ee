// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

import io.github.harp.tunnel.pki.NodeCertificates;
import io.github.harp.tunnel.server.TunnelServerOptions.Loops;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * How a server is linked to others.
 *
 * @param address where others dial it
 * @param certificates what it shows them
 * @param loops what it runs on; not shut down with it
 * @param tcpChannel the kind of socket that fits them
 * @param onFatalError see {@link io.github.harp.tunnel.server.TunnelServerOptions#onFatalError}
 */
public record LinkOptions(
    InetSocketAddress address,
    NodeCertificates certificates,
    Loops loops,
    Class<? extends Channel> tcpChannel,
    Consumer<Throwable> onFatalError) {}
