// SPDX-License-Identifier: Apache-2.0
/** What happens on the streams of a client: logins, proxies, work connections. */
@NullMarked
package io.github.harp.tunnel.server;

import org.jspecify.annotations.NullMarked;
