// SPDX-License-Identifier: Apache-2.0

/** Which nodes are there, and which of them serve the same Nextcloud. */
@NullMarked
package io.github.harp.cluster.presence;

import org.jspecify.annotations.NullMarked;
