// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.forward.LoopResources;
import java.util.concurrent.atomic.AtomicLong;

/** What the connections of one event loop share. */
record ConnectionContext(
    HarpProxyOptions options,
    LoopResources loop,
    RequestHandler requests,
    RequestObserver observer,
    ClientConnections connections,
    AtomicLong ids) {}
