// SPDX-License-Identifier: Apache-2.0
/** What every system needs that is set up: ports, certificates, an application behind it. */
@NullMarked
package io.github.harp.bench.peers.place;

import org.jspecify.annotations.NullMarked;
