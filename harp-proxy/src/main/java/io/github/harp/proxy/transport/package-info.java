// SPDX-License-Identifier: Apache-2.0
/** Which kind of sockets the process runs on, and the channel classes that go with it. */
@NullMarked
package io.github.harp.proxy.transport;

import org.jspecify.annotations.NullMarked;
