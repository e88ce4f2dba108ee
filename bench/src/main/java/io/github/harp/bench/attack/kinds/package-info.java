// SPDX-License-Identifier: Apache-2.0
/** What attackers do, a few lines each, and the process that does it. */
@NullMarked
package io.github.harp.bench.attack.kinds;

import org.jspecify.annotations.NullMarked;
