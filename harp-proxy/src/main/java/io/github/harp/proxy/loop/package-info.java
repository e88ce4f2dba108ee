// SPDX-License-Identifier: Apache-2.0
/** What everything on one event loop shares: who looks at limits, at what is kept, at errors. */
@NullMarked
package io.github.harp.proxy.loop;

import org.jspecify.annotations.NullMarked;
